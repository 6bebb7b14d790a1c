package dev.daybook.view.sqlite;

import java.nio.file.Path;
import java.sql.SQLException;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/** SQLite failed for a reason that is not the statement's. */
final class SqliteTrouble extends RuntimeException {
    private static final long serialVersionUID = 1;

    private SqliteTrouble(SQLException cause) {
        super(cause.getMessage(), cause);
    }

    /** The file was replaced by another one: look again. */
    static SqliteTrouble replaced() {
        return new SqliteTrouble(new SQLException("the file was replaced"));
    }

    /** There is no file. */
    static SqliteTrouble gone(Path file) {
        return new SqliteTrouble(new SQLiteException(file + " is gone", SQLiteErrorCode.SQLITE_NOTADB));
    }

    /** What a file holds is not what was written. */
    static SqliteTrouble damaged(String what) {
        return new SqliteTrouble(new SQLiteException(what, SQLiteErrorCode.SQLITE_CORRUPT));
    }

    /** Whether a statement would write where only reading is allowed. */
    static boolean writes(SQLException e) {
        return e instanceof SQLiteException sqlite && sqlite.getResultCode() == SQLiteErrorCode.SQLITE_READONLY;
    }

    /** What a failure is: this, or, when the statement is at fault, an {@link IllegalArgumentException} that says what SQLite says. */
    static RuntimeException of(SQLException e) {
        return switch (primary(e)) {
            case SQLITE_ERROR, SQLITE_CONSTRAINT, SQLITE_MISMATCH, SQLITE_RANGE, SQLITE_TOOBIG, SQLITE_AUTH ->
                new IllegalArgumentException(e.getMessage(), e);
            default -> new SqliteTrouble(e);
        };
    }

    /** Whether the file is no good, so that only another one helps. */
    boolean damaged() {
        return getCause() instanceof SQLException e && damaged(e);
    }

    static boolean damaged(SQLException e) {
        return switch (primary(e)) {
            case SQLITE_CORRUPT, SQLITE_NOTADB, SQLITE_FORMAT, SQLITE_READONLY, SQLITE_IOERR_SHORT_READ -> true;
            default -> false;
        };
    }

    private static SQLiteErrorCode primary(SQLException e) {
        if (!(e instanceof SQLiteException sqlite)) {
            return SQLiteErrorCode.SQLITE_ERROR;
        }
        SQLiteErrorCode code = sqlite.getResultCode();
        return code == SQLiteErrorCode.SQLITE_IOERR_SHORT_READ ? code : SQLiteErrorCode.getErrorCode(code.code & 0xff);
    }
}
