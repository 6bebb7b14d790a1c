package dev.daybook.view.sqlite;

/** Columns that both attempts and sums have, so that both are chosen and grouped by the same code. */
final class Columns {
    final int count;
    final long[] ends;
    final short[] workflows;
    final byte[] statuses;

    Columns(int count, long[] ends, short[] workflows, byte[] statuses) {
        this.count = count;
        this.ends = ends;
        this.workflows = workflows;
        this.statuses = statuses;
    }

    static Columns of(Block block) {
        return new Columns(block.count(), block.ends, block.workflows, block.statuses);
    }
}
