package dev.daybook.driver;

import java.io.IOException;

/** There is no room (disk, quota, file size, inodes, descriptors). Nothing was changed; a later try may succeed (I7). */
public final class SpaceException extends IOException {
    private static final long serialVersionUID = 1;

    public SpaceException(String message, Throwable cause) {
        super(message, cause);
    }
}
