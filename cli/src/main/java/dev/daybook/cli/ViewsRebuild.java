package dev.daybook.cli;

import dev.daybook.Daybook;
import dev.daybook.view.ViewStatus;
import java.util.List;

/** {@code views rebuild}. */
final class ViewsRebuild implements Command {

    @Override
    public Syntax syntax() {
        return Syntax.of("Make views anew from the journal, and put them in the place of the old ones.")
                .optional("NAME", "The view; default: each of the store's own.")
                .detail(
                        "Other processes go on reading the old ones until then. Views of a program's own are made anew by that"
                                + " program: only it knows what they hold.")
                .example("daybook views rebuild")
                .example("daybook views rebuild logs --json");
    }

    @Override
    public int run(Call call) {
        String wanted = call.arguments().parameter(0);
        try (Daybook book = call.openExistingForWriting()) {
            for (String name : names(book.views().status(), wanted)) {
                book.views().rebuild(name, call.messages().progress("rebuilding " + name));
                long position = book.views().status().stream()
                        .filter(view -> view.name().equals(name))
                        .mapToLong(ViewStatus::position)
                        .max()
                        .orElse(0);
                call.print(
                        Json.object().field("view", name).field("position", position),
                        name + " rebuilt up to position " + position);
            }
        }
        return Exit.OK;
    }

    private static List<String> names(List<ViewStatus> all, @org.jspecify.annotations.Nullable String wanted) {
        List<ViewStatus> found = all.stream()
                .filter(view ->
                        wanted == null ? isOfTheStore(view) : view.name().equals(wanted))
                .toList();
        if (wanted != null && found.isEmpty()) {
            throw new Failure(
                    Exit.NOT_FOUND,
                    "view-not-found",
                    "there is no view " + wanted + "; there are "
                            + String.join(
                                    ", ", all.stream().map(ViewStatus::name).toList()));
        }
        if (!found.stream().allMatch(ViewsRebuild::isOfTheStore)) {
            throw new Failure(
                    Exit.CONFLICT,
                    "view-not-registered",
                    "view " + wanted
                            + " is a program's own, and only that program can make it anew: with Views.rebuild, or by"
                            + " opening the store when the files views/user-" + wanted + ".* are gone");
        }
        return found.stream().map(ViewStatus::name).toList();
    }

    private static boolean isOfTheStore(ViewStatus view) {
        return view.state() != ViewStatus.State.UNREGISTERED;
    }
}
