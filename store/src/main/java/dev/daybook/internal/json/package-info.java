/**
 * JSON as bytes: a strict validator for lines before they enter the journal, and the few pieces needed to read a
 * field out of a line known to be good, to write a string into a new one, and to change a payload in places.
 *
 * <ul>
 *   <li>{@link dev.daybook.internal.json.JsonScanner} decides what is JSON: RFC 8259, strict UTF-8, no duplicate
 *       keys, no unpaired surrogates, bounded depth and number length.
 *   <li>{@link dev.daybook.internal.json.JsonText} writes and reads one string literal.
 *   <li>{@link dev.daybook.internal.json.JsonReader} goes through a valid value token by token.
 *   <li>{@link dev.daybook.internal.json.JsonRewriter} copies one, without some fields, with other values.
 *   <li>{@link dev.daybook.internal.json.InvalidJsonException} says what was refused and at which byte.
 * </ul>
 *
 * Nothing here builds trees or binds objects; that is a library's work, after the check.
 */
@NullMarked
package dev.daybook.internal.json;

import org.jspecify.annotations.NullMarked;
