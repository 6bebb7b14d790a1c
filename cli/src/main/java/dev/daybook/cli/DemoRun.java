package dev.daybook.cli;

import dev.daybook.stream.NewEvent;

/** What the demo's agent does: always the same, so that the demo can prove that nothing of it was lost or changed. */
final class DemoRun {
    private static final String[] CITIES = {
        "Lisbon",
        "Porto",
        "Valencia",
        "Palermo",
        "Marseille",
        "Trieste",
        "Split",
        "Athens",
        "Varna",
        "Gdansk",
        "Aarhus",
        "Galway"
    };
    private static final int EVENTS_PER_CITY = 3;
    private static final int FIRST_CITY = 3;
    static final int EVENTS = FIRST_CITY - 1 + CITIES.length * EVENTS_PER_CITY + 2;

    private DemoRun() {}

    static NewEvent event(long seq) {
        return NewEvent.json(type(seq), data(seq));
    }

    static String type(long seq) {
        if (seq == 2) {
            return "plan";
        }
        if (seq == EVENTS) {
            return "completed";
        }
        if (seq == 1 || seq == EVENTS - 1) {
            return "message";
        }
        return switch (place(seq)) {
            case 0 -> "tool-call";
            case 1 -> "tool-result";
            default -> "message";
        };
    }

    static String data(long seq) {
        if (seq == 1) {
            return message("user", "Which of these " + CITIES.length + " cities suits a small office by the sea best?");
        }
        if (seq == 2) {
            return "{\"steps\":[\"look up rent and network of each city\",\"compare\",\"answer\"],\"cities\":[\""
                    + String.join("\",\"", CITIES) + "\"]}";
        }
        if (seq == EVENTS - 1) {
            return message(
                    "assistant",
                    "I suggest " + CITIES[best()] + ": rent " + rent(best()) + ", " + mbps(best()) + " Mbit/s.");
        }
        if (seq == EVENTS) {
            return "{\"answer\":\"" + CITIES[best()] + "\",\"compared\":" + CITIES.length + "}";
        }
        int city = (int) (seq - FIRST_CITY) / EVENTS_PER_CITY;
        return switch (place(seq)) {
            case 0 -> "{\"tool\":\"city_facts\",\"input\":{\"city\":\"" + CITIES[city] + "\"}}";
            case 1 -> "{\"city\":\"" + CITIES[city] + "\",\"rent\":" + rent(city) + ",\"mbps\":" + mbps(city) + "}";
            default ->
                message(
                        "assistant",
                        CITIES[city] + " costs " + rent(city) + ". Best so far: " + CITIES[best(city)] + ".");
        };
    }

    private static int place(long seq) {
        return (int) (seq - FIRST_CITY) % EVENTS_PER_CITY;
    }

    private static String message(String role, String content) {
        return "{\"role\":\"" + role + "\",\"content\":\"" + content + "\"}";
    }

    private static int rent(int city) {
        return 900 + (city + 2) * 617 % 1_100;
    }

    private static int mbps(int city) {
        return 80 + (city + 1) * 153 % 400;
    }

    private static int best() {
        return best(CITIES.length - 1);
    }

    private static int best(int last) {
        int best = 0;
        for (int city = 1; city <= last; city++) {
            if (rent(city) < rent(best)) {
                best = city;
            }
        }
        return best;
    }
}
