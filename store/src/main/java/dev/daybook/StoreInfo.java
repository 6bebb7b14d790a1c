package dev.daybook;

import java.time.Instant;
import java.util.Optional;

/**
 * What a store knows about itself without reading its journal.
 *
 * @param location where it is
 * @param storeId its identity, 32 hex digits
 * @param driver name of its driver
 * @param driverVersion version of the driver's layout
 * @param formatVersion version of the journal's format
 * @param lastPosition the newest position that readers can see
 * @param durablePosition the newest position that is known to be on stable storage
 * @param streams how many streams there are
 * @param events events still there
 * @param bytes payload bytes of the events still there
 * @param segments segments of the journal
 * @param journalBytes bytes of all segments, prepared space included
 * @param oldest commit time of the first segment's first line still there, if any
 * @param newest commit time of the newest line
 */
public record StoreInfo(
        String location,
        String storeId,
        String driver,
        int driverVersion,
        int formatVersion,
        long lastPosition,
        long durablePosition,
        long streams,
        long events,
        long bytes,
        int segments,
        long journalBytes,
        Optional<Instant> oldest,
        Optional<Instant> newest) {}
