package io.fedfs.projection;

import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * Objects by a 64-bit id: the low half is a slot, the high half the low part of a running number. A look-up is two array reads
 * and a comparison; nothing is boxed. Slot 0 is never given, so no id is 0. An id comes again after 2^31 others at the earliest; together with
 * the rest of its number, the {@link #generation}, it never does, in another process neither, since the numbers begin at random.
 */
final class SlotTable<T extends SlotTable.Slotted> {
    /** Something that knows its id. */
    interface Slotted {
        long id();
    }

    private static final int CHUNK_BITS = 12;
    private static final int CHUNK = 1 << CHUNK_BITS;
    private static final int MAX_CHUNKS = 1 << 18;
    /** Of a number; so ids are not negative. */
    private static final int SEQUENCE_BITS = 31;

    private static final long SEQUENCE = (1L << SEQUENCE_BITS) - 1;

    private final AtomicReferenceArray<AtomicReferenceArray<T>> chunks = new AtomicReferenceArray<>(MAX_CHUNKS);
    /** Freed slots, a stack. Guarded by this, as are the next two. */
    private int[] free = new int[64];

    private int freeCount;
    private int fresh;
    private long number = ThreadLocalRandom.current().nextLong() & Long.MAX_VALUE;
    private volatile int size;

    /** @param reserved the first slots, never given by {@link #reserve} */
    SlotTable(int reserved) {
        this.fresh = reserved;
    }

    /** A number for {@link #reserve(long)} that no other id has. */
    synchronized long nextNumber() {
        return number = (number + 1) & Long.MAX_VALUE;
    }

    /** The part of a number that is not in the id. */
    static int generation(long number) {
        return (int) (number >>> SEQUENCE_BITS);
    }

    /** A new id; {@link #put} stores the object that will carry it. */
    long reserve() {
        return reserve(nextNumber());
    }

    /** A new id made with this number. */
    synchronized long reserve(long number) {
        int slot;
        if (freeCount > 0) {
            slot = free[--freeCount];
        } else {
            slot = fresh++;
            int chunk = slot >>> CHUNK_BITS;
            if (chunk >= MAX_CHUNKS) {
                throw new IllegalStateException("more than " + (long) MAX_CHUNKS * CHUNK + " objects");
            }
        }
        size++;
        return ((number & SEQUENCE) << 32) | slot;
    }

    void put(T object) {
        int slot = (int) object.id();
        AtomicReferenceArray<T> chunk = chunks.get(slot >>> CHUNK_BITS);
        if (chunk == null) {
            chunk = new AtomicReferenceArray<>(CHUNK);
            AtomicReferenceArray<T> other = chunks.compareAndExchange(slot >>> CHUNK_BITS, null, chunk);
            chunk = other == null ? chunk : other;
        }
        chunk.set(slot & (CHUNK - 1), object);
    }

    /** The object with this id, or null: never given, or removed. */
    T get(long id) {
        int slot = (int) id;
        if (slot < 0 || slot >>> CHUNK_BITS >= MAX_CHUNKS) {
            return null;
        }
        AtomicReferenceArray<T> chunk = chunks.get(slot >>> CHUNK_BITS);
        if (chunk == null) {
            return null;
        }
        T object = chunk.get(slot & (CHUNK - 1));
        return object != null && object.id() == id ? object : null;
    }

    /** Removes the object; false when it was gone already. */
    boolean remove(T object) {
        int slot = (int) object.id();
        AtomicReferenceArray<T> chunk = chunks.get(slot >>> CHUNK_BITS);
        if (chunk == null || !chunk.compareAndSet(slot & (CHUNK - 1), object, null)) {
            return false;
        }
        synchronized (this) {
            if (freeCount == free.length) {
                free = java.util.Arrays.copyOf(free, free.length * 2);
            }
            free[freeCount++] = slot;
            size--;
        }
        return true;
    }

    int size() {
        return size;
    }

    /** Calls the action for every object there is now. */
    void forEach(java.util.function.Consumer<T> action) {
        for (int c = 0; c < MAX_CHUNKS; c++) {
            AtomicReferenceArray<T> chunk = chunks.get(c);
            if (chunk == null) {
                continue;
            }
            for (int i = 0; i < CHUNK; i++) {
                T object = chunk.get(i);
                if (object != null) {
                    action.accept(object);
                }
            }
        }
    }
}
