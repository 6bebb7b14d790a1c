package dev.daybook.journal;

/** Lets the crash tests plant a bug in the engine of this JVM. */
public final class Plant {
    private Plant() {}

    /** Every bug that can be planted in the engine. */
    public static void bug(String name) {
        PlantedBug.valueOf(name);
        PlantedBug.plant(name);
    }

    public static void none() {
        PlantedBug.plant("");
    }
}
