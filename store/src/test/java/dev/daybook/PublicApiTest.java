package dev.daybook;

import static org.assertj.core.api.Assertions.assertThat;

import dev.daybook.driver.Driver;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.annotation.Annotation;
import java.lang.reflect.AnnotatedArrayType;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.AnnotatedParameterizedType;
import java.lang.reflect.AnnotatedType;
import java.lang.reflect.AnnotatedTypeVariable;
import java.lang.reflect.AnnotatedWildcardType;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.Field;
import java.lang.reflect.Member;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Parameter;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.TypeVariable;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * What an embedder can see, as a text that is reviewed like code: {@code api.txt} beside this module's POM.
 *
 * <p>After an intended change, {@code mvn -pl store test -Dtest=PublicApiTest -Dapi.update=true} rewrites it. The text is
 * made by reflection alone and is the same on every JDK.
 */
class PublicApiTest {

    /** The packages we promise. All others are ours to change without notice. */
    private static final List<String> EXPORTED = List.of(
            "dev.daybook",
            "dev.daybook.archive",
            "dev.daybook.blob",
            "dev.daybook.document",
            "dev.daybook.driver",
            "dev.daybook.log",
            "dev.daybook.run",
            "dev.daybook.stream",
            "dev.daybook.view");

    /** Maven runs tests in the module's folder. */
    private static final Path FILE = Path.of("api.txt");

    @Test
    void publicApiIsTheReviewedOne() throws IOException {
        String now = describe(compiledClasses());
        if (Boolean.getBoolean("api.update")) {
            Files.writeString(FILE, now);
        }
        assertThat(Files.exists(FILE) ? Files.readString(FILE) : "")
                .as("api.txt; if the change is meant: mvn -pl store test -Dtest=PublicApiTest -Dapi.update=true")
                .isEqualTo(now);
    }

    @Test
    void everyKindOfMemberIsDescribed() {
        assertThat(describeType(Sample.class)).isEqualTo("""
                protected abstract static sealed class PublicApiTest.Sample<T extends Comparable<T>> extends Number implements Runnable permits PublicApiTest.Sample.Leaf
                  field public static final int LIMIT = 7
                  field protected final List<@Nullable String> names
                  new protected Sample(@Nullable T)
                  method public static <E extends Exception & Runnable> E[] list(E, int[][])
                  method protected @Nullable T pick(Map<String, ? extends @Nullable T>, byte[]...) throws IOException
                """);
        assertThat(describeType(Kind.class)).isEqualTo("""
                protected enum PublicApiTest.Kind
                  constant SMALL
                  constant LARGE
                """);
        assertThat(describeType(Pair.class)).isEqualTo("""
                protected record PublicApiTest.Pair(String left, @Nullable Integer right) implements PublicApiTest.Half
                  method public String both()
                """);
        assertThat(describeType(Half.class)).isEqualTo("""
                protected interface PublicApiTest.Half
                  method public abstract String left()
                  method public default int size()
                """);
        assertThat(describeType(Sample.Hidden.class)).isEmpty();
    }

    private static List<Class<?>> compiledClasses() throws IOException {
        try {
            Path root = Path.of(Driver.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
            try (Stream<Path> files = Files.walk(root)) {
                return files.map(file -> root.relativize(file).toString())
                        .filter(name -> name.endsWith(".class") && !name.endsWith("-info.class"))
                        .map(name -> name.substring(0, name.length() - ".class".length())
                                .replace('/', '.')
                                .replace('\\', '.'))
                        .filter(name -> EXPORTED.contains(name.substring(0, name.lastIndexOf('.'))))
                        .<Class<?>>map(PublicApiTest::load)
                        .toList();
            }
        } catch (URISyntaxException impossible) {
            throw new IOException(impossible);
        }
    }

    private static Class<?> load(String name) {
        try {
            return Class.forName(name, false, PublicApiTest.class.getClassLoader());
        } catch (ClassNotFoundException e) {
            throw new UncheckedIOException(new IOException("compiled but not loadable: " + name, e));
        }
    }

    private static String describe(List<Class<?>> types) {
        StringBuilder text = new StringBuilder();
        for (String exported : EXPORTED) {
            String inPackage = types.stream()
                    .filter(type -> type.getPackageName().equals(exported))
                    .map(PublicApiTest::describeType)
                    .filter(described -> !described.isEmpty())
                    .sorted((a, b) -> sortKey(a).compareTo(sortKey(b)))
                    .collect(Collectors.joining("\n"));
            if (!inPackage.isEmpty()) {
                text.append(text.isEmpty() ? "" : "\n")
                        .append("package ")
                        .append(exported)
                        .append("\n\n")
                        .append(inPackage);
            }
        }
        return text.toString();
    }

    /** Orders by name first, so that a type does not move when it becomes final. */
    private static String sortKey(String described) {
        String head = described.substring(0, described.indexOf('\n'));
        return head.replaceFirst("^.*?\\b(class|interface|@interface|enum|record) ", "");
    }

    private static String describeType(Class<?> type) {
        if (!isVisible(type)) {
            return "";
        }
        List<Line> lines = new ArrayList<>();
        for (Field field : type.getDeclaredFields()) {
            // Constants of an enum keep their order: it is their natural order, and so part of the promise.
            if (field.isEnumConstant()) {
                lines.add(new Line(0, "", "constant " + field.getName()));
            } else if (isPromised(field)) {
                String value = constantValue(field);
                lines.add(new Line(
                        1,
                        field.getName(),
                        "field " + modifiers(field) + typeName(field.getAnnotatedType()) + " " + field.getName()
                                + value));
            }
        }
        for (Constructor<?> constructor : type.getDeclaredConstructors()) {
            if (isPromised(constructor) && !isImplied(constructor)) {
                String signature = type.getSimpleName() + parameters(constructor) + thrown(constructor);
                lines.add(new Line(
                        2, signature, "new " + modifiers(constructor) + typeParameters(constructor) + signature));
            }
        }
        for (Method method : type.getDeclaredMethods()) {
            if (isPromised(method) && !isImplied(method)) {
                String signature = method.getName() + parameters(method) + thrown(method);
                String returned = typeParameters(method) + typeName(method.getAnnotatedReturnType());
                lines.add(new Line(3, signature, "method " + modifiers(method) + returned + " " + signature));
            }
        }
        return lines.stream()
                .sorted(Comparator.comparingInt(Line::rank).thenComparing(Line::sortKey))
                .map(line -> "  " + line.text() + "\n")
                .collect(Collectors.joining("", head(type) + "\n", ""));
    }

    /** One member: constants, fields, constructors, methods, and by name within each. */
    private record Line(int rank, String sortKey, String text) {}

    private static String head(Class<?> type) {
        StringBuilder head = new StringBuilder();
        int modifiers = type.getModifiers();
        head.append(Modifier.isPublic(modifiers) ? "public " : "protected ");
        if (type.isAnnotation()) {
            return head.append("@interface ").append(name(type)).toString();
        }
        boolean plainClass = !type.isInterface() && !type.isEnum() && !type.isRecord();
        if (plainClass) {
            head.append(Modifier.isAbstract(modifiers) ? "abstract " : "");
            head.append(Modifier.isFinal(modifiers) ? "final " : "");
            head.append(type.isMemberClass() && Modifier.isStatic(modifiers) ? "static " : "");
        }
        head.append(type.isSealed() && !type.isEnum() ? "sealed " : "");
        head.append(
                type.isInterface() ? "interface " : type.isEnum() ? "enum " : type.isRecord() ? "record " : "class ");
        head.append(name(type)).append(typeParameters(type.getTypeParameters()).stripTrailing());
        if (type.isRecord()) {
            head.append(Arrays.stream(type.getRecordComponents())
                    .map(component -> typeName(component.getAnnotatedType()) + " " + component.getName())
                    .collect(Collectors.joining(", ", "(", ")")));
        }
        AnnotatedType above = type.getAnnotatedSuperclass();
        if (plainClass && above != null && above.getType() != Object.class) {
            head.append(" extends ").append(typeName(above));
        }
        if (type.getAnnotatedInterfaces().length > 0) {
            head.append(type.isInterface() ? " extends " : " implements ")
                    .append(Arrays.stream(type.getAnnotatedInterfaces())
                            .map(PublicApiTest::typeName)
                            .collect(Collectors.joining(", ")));
        }
        if (type.isSealed() && !type.isEnum()) {
            head.append(Arrays.stream(type.getPermittedSubclasses())
                    .map(PublicApiTest::name)
                    .sorted()
                    .collect(Collectors.joining(", ", " permits ", "")));
        }
        return head.toString();
    }

    /** A type is seen when it and every type around it is public or protected. */
    private static boolean isVisible(Class<?> type) {
        for (Class<?> each = type; each != null; each = each.getEnclosingClass()) {
            boolean seen = Modifier.isPublic(each.getModifiers()) || Modifier.isProtected(each.getModifiers());
            boolean standIn = each == PublicApiTest.class;
            if (each.isAnonymousClass() || each.isLocalClass() || each.isSynthetic() || !(seen || standIn)) {
                return false;
            }
        }
        return true;
    }

    private static boolean isPromised(Member member) {
        return !member.isSynthetic()
                && (Modifier.isPublic(member.getModifiers()) || Modifier.isProtected(member.getModifiers()));
    }

    /** Members that every record or enum has, and that say nothing new. */
    private static boolean isImplied(Executable executable) {
        Class<?> type = executable.getDeclaringClass();
        List<Class<?>> parameters = List.of(executable.getParameterTypes());
        if (type.isEnum()) {
            return executable.getName().equals("values") && parameters.isEmpty()
                    || executable.getName().equals("valueOf") && parameters.equals(List.of(String.class));
        }
        if (!type.isRecord()) {
            return false;
        }
        RecordComponent[] components = type.getRecordComponents();
        if (executable instanceof Constructor<?>) {
            return parameters.equals(
                    Arrays.stream(components).map(RecordComponent::getType).toList());
        }
        return Arrays.stream(components)
                        .anyMatch(component -> component.getAccessor().equals(executable))
                || List.of("equals", "hashCode", "toString").contains(executable.getName());
    }

    private static String modifiers(Member member) {
        int shown = Modifier.PUBLIC | Modifier.PROTECTED | Modifier.STATIC | Modifier.ABSTRACT | Modifier.FINAL;
        int modifiers = member.getModifiers() & shown;
        if (member instanceof Method method && method.isDefault()) {
            return Modifier.toString(modifiers) + " default ";
        }
        return Modifier.toString(modifiers) + " ";
    }

    /** Compilers copy constants into their users: the value is part of the promise. */
    private static String constantValue(Field field) {
        boolean constant = Modifier.isStatic(field.getModifiers()) && Modifier.isFinal(field.getModifiers());
        if (!constant || !(field.getType().isPrimitive() || field.getType() == String.class)) {
            return "";
        }
        try {
            field.setAccessible(true);
            return " = " + field.get(null);
        } catch (IllegalAccessException e) {
            throw new AssertionError(e);
        }
    }

    private static String parameters(Executable executable) {
        List<String> names = new ArrayList<>();
        Parameter[] parameters = executable.getParameters();
        // Asked of the executable, not of each parameter: only this leaves out what the compiler added.
        AnnotatedType[] types = executable.getAnnotatedParameterTypes();
        for (int i = 0; i < types.length; i++) {
            String name = typeName(types[i]);
            names.add(parameters[i].isVarArgs() ? name.replaceFirst("\\[\\]$", "...") : name);
        }
        return "(" + String.join(", ", names) + ")";
    }

    private static String thrown(Executable executable) {
        AnnotatedType[] types = executable.getAnnotatedExceptionTypes();
        return types.length == 0
                ? ""
                : Arrays.stream(types)
                        .map(PublicApiTest::typeName)
                        .sorted()
                        .collect(Collectors.joining(", ", " throws ", ""));
    }

    private static String typeParameters(Executable executable) {
        return typeParameters(executable.getTypeParameters());
    }

    private static String typeParameters(TypeVariable<?>[] variables) {
        if (variables.length == 0) {
            return "";
        }
        List<String> names = new ArrayList<>();
        for (TypeVariable<?> variable : variables) {
            String bounds = Arrays.stream(variable.getAnnotatedBounds())
                    .map(PublicApiTest::typeName)
                    .collect(Collectors.joining(" & "));
            names.add(variable.getName() + (bounds.equals("Object") ? "" : " extends " + bounds));
        }
        return "<" + String.join(", ", names) + "> ";
    }

    /** Own spelling, because the JDKs differ in theirs: simple names, and {@code @Nullable} where it stands. */
    private static String typeName(AnnotatedType type) {
        if (type instanceof AnnotatedArrayType array) {
            String nullable = nullable(array);
            return typeName(array.getAnnotatedGenericComponentType())
                    + (nullable.isEmpty() ? "[]" : " " + nullable + "[]");
        }
        String nullable = nullable(type);
        if (type instanceof AnnotatedParameterizedType parameterized) {
            Class<?> raw = (Class<?>) ((ParameterizedType) parameterized.getType()).getRawType();
            return nullable
                    + name(raw)
                    + Arrays.stream(parameterized.getAnnotatedActualTypeArguments())
                            .map(PublicApiTest::typeName)
                            .collect(Collectors.joining(", ", "<", ">"));
        }
        if (type instanceof AnnotatedTypeVariable variable) {
            return nullable + ((TypeVariable<?>) variable.getType()).getName();
        }
        if (type instanceof AnnotatedWildcardType wildcard) {
            AnnotatedType[] lower = wildcard.getAnnotatedLowerBounds();
            if (lower.length > 0) {
                return "? super " + typeName(lower[0]);
            }
            String upper = typeName(wildcard.getAnnotatedUpperBounds()[0]);
            return upper.equals("Object") ? "?" : "? extends " + upper;
        }
        return nullable + name((Class<?>) type.getType());
    }

    private static String nullable(AnnotatedElement element) {
        for (Annotation annotation : element.getAnnotations()) {
            if (annotation.annotationType() == Nullable.class) {
                return "@Nullable ";
            }
        }
        return "";
    }

    /** {@code Outer.Inner}, without the package. */
    private static String name(Class<?> type) {
        Class<?> outer = type.getEnclosingClass();
        return outer == null ? type.getSimpleName() : name(outer) + "." + type.getSimpleName();
    }

    // What everyKindOfMemberIsDescribed describes.

    protected abstract static sealed class Sample<T extends Comparable<T>> extends Number implements Runnable {
        public static final int LIMIT = 7;
        private static final long serialVersionUID = 1;

        protected final transient List<@Nullable String> names = List.of();

        protected Sample(@Nullable T ignored) {}

        protected @Nullable T pick(Map<String, ? extends @Nullable T> ignored, byte[]... alsoIgnored)
                throws IOException {
            return null;
        }

        public static <E extends Exception & Runnable> E[] list(E first, int[][] numbers) {
            return numbers.length > 0 ? list(first, new int[0][]) : null;
        }

        void hidden() {}

        static class Hidden {}

        abstract static non-sealed class Leaf extends Sample<String> {
            private static final long serialVersionUID = 1;

            Leaf() {
                super("");
            }
        }
    }

    protected interface Half {
        String left();

        default int size() {
            return left().length();
        }
    }

    protected record Pair(String left, @Nullable Integer right) implements Half {
        public String both() {
            return left + right;
        }
    }

    protected enum Kind {
        SMALL,
        LARGE
    }
}
