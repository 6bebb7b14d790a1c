package dev.daybook.view.sqlite;

import dev.daybook.stream.Kind;
import dev.daybook.view.View;

/** A view of the store's own: sees events of streams of one kind only, whatever the others are called. */
interface KindView extends View {
    Kind kind();
}
