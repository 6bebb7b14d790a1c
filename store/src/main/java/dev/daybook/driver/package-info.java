/** What makes a journal durable: the contract every driver keeps. {@code DriverContract} in the test kit is its executable form. */
@NullMarked
package dev.daybook.driver;

import org.jspecify.annotations.NullMarked;
