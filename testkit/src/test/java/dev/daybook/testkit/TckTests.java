package dev.daybook.testkit;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.testng.ITestListener;
import org.testng.ITestResult;
import org.testng.TestNG;

/** Runs a TestNG class, such as those of the Reactive Streams TCK, as one JUnit test per TestNG method. */
final class TckTests {
    private TckTests() {}

    /**
     * For use as the body of a {@link TestFactory}. The whole class runs at once, before the first dynamic test is
     * reported; each of these then repeats the outcome of one method. A method that the TCK itself skips (an optional
     * rule, or one it cannot check) is left out rather than reported as skipped.
     */
    static Stream<DynamicTest> of(Class<?> testNgClass) {
        Outcomes outcomes = new Outcomes();
        TestNG testNg = new TestNG(false); // no report files
        testNg.setVerbose(0);
        testNg.setTestClasses(new Class<?>[] {testNgClass});
        testNg.addListener(outcomes);
        testNg.run();
        // A class whose set-up fails or that has no tests must not pass by having nothing to say.
        Assertions.assertThat(outcomes.finished)
                .as("TCK methods run by %s", testNgClass)
                .isNotEmpty();
        return outcomes.finished.stream()
                .filter(result -> result.getStatus() != ITestResult.SKIP || !isByDesign(result))
                .map(result -> DynamicTest.dynamicTest(result.getName(), () -> {
                    if (!result.isSuccess()) {
                        throw result.getThrowable() != null
                                ? result.getThrowable()
                                : new AssertionError("not run, see the failed set-up: " + result.getName());
                    }
                }));
    }

    /** The TCK skips by throwing; TestNG skips, without such an exception, what depends on something that failed. */
    private static boolean isByDesign(ITestResult result) {
        return result.getThrowable() instanceof org.testng.SkipException;
    }

    private static final class Outcomes implements ITestListener {
        private final List<ITestResult> finished = new ArrayList<>();

        @Override
        public void onTestSuccess(ITestResult result) {
            finished.add(result);
        }

        @Override
        public void onTestFailure(ITestResult result) {
            finished.add(result);
        }

        @Override
        public void onTestSkipped(ITestResult result) {
            finished.add(result);
        }
    }
}
