package dev.daybook;

/** There is no stream of this name, or it was deleted. */
public final class StreamNotFoundException extends DaybookException {
    private static final long serialVersionUID = 1;
    private final String stream;

    public StreamNotFoundException(String stream) {
        super("not-found", "there is no stream " + stream, null);
        this.stream = stream;
    }

    public String stream() {
        return stream;
    }
}
