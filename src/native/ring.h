/* A ring of samples between two threads: one puts, one takes, neither waits.
 *
 * Places are counted from the beginning of time, so `put - taken` is what is in it. The taker claims what
 * it copied by moving `taken` on; whoever empties the ring meanwhile moves it first, and the taker finds
 * that nothing of what it copied is to be used. */
#ifndef PYJ_RING_H
#define PYJ_RING_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

typedef struct pyj_ring {
    int16_t *samples;
    size_t capacity; /* frames of `channels` samples */
    unsigned channels;
    _Atomic uint64_t put;
    _Atomic uint64_t taken;
} pyj_ring;

static inline int pyj_ring_init(pyj_ring *ring, size_t capacity, unsigned channels)
{
    ring->samples = calloc(capacity * channels, sizeof(int16_t));
    ring->capacity = capacity;
    ring->channels = channels;
    atomic_init(&ring->put, 0);
    atomic_init(&ring->taken, 0);
    return ring->samples ? 0 : -1;
}

static inline void pyj_ring_free(pyj_ring *ring)
{
    free(ring->samples);
}

static inline size_t pyj_ring_count(const pyj_ring *ring)
{
    /* `taken` first: it never overtakes a `put` read later. */
    uint64_t taken = atomic_load_explicit(&ring->taken, memory_order_acquire);

    return (size_t)(atomic_load_explicit(&ring->put, memory_order_acquire) - taken);
}

static inline size_t pyj_ring_room(const pyj_ring *ring)
{
    size_t count = pyj_ring_count(ring);

    return count < ring->capacity ? ring->capacity - count : 0;
}

static inline size_t pyj_ring_put(pyj_ring *ring, const int16_t *from, size_t count)
{
    uint64_t put = atomic_load_explicit(&ring->put, memory_order_relaxed);
    size_t room = pyj_ring_room(ring), width = ring->channels, at, first;

    if (count > room)
        count = room;
    at = (size_t)(put % ring->capacity);
    first = count < ring->capacity - at ? count : ring->capacity - at;
    memcpy(ring->samples + at * width, from, first * width * sizeof(int16_t));
    memcpy(ring->samples, from + first * width, (count - first) * width * sizeof(int16_t));
    atomic_store_explicit(&ring->put, put + count, memory_order_release);
    return count;
}

static inline size_t pyj_ring_take(pyj_ring *ring, int16_t *to, size_t count)
{
    uint64_t taken = atomic_load_explicit(&ring->taken, memory_order_acquire);
    size_t there = (size_t)(atomic_load_explicit(&ring->put, memory_order_acquire) - taken);
    size_t width = ring->channels, at, first;

    if (count > there)
        count = there;
    if (!count)
        return 0;
    at = (size_t)(taken % ring->capacity);
    first = count < ring->capacity - at ? count : ring->capacity - at;
    memcpy(to, ring->samples + at * width, first * width * sizeof(int16_t));
    memcpy(to + first * width, ring->samples, (count - first) * width * sizeof(int16_t));
    /* Emptied meanwhile: what was copied is not to be heard any more, and what came since is for the next. */
    return atomic_compare_exchange_strong(&ring->taken, &taken, taken + count) ? count : 0;
}

/* Lets the oldest go until there is room for `count`, or nothing left; how many those were. The thread that puts. */
static inline size_t pyj_ring_make_room(pyj_ring *ring, size_t count)
{
    uint64_t taken = atomic_load(&ring->taken), put = atomic_load_explicit(&ring->put, memory_order_relaxed);

    /* A taker may be faster, and then there is room. */
    while (put - taken + count > ring->capacity) {
        uint64_t wanted = count < ring->capacity ? put + count - ring->capacity : put;

        if (taken == put)
            break;
        if (atomic_compare_exchange_weak(&ring->taken, &taken, wanted))
            return (size_t)(wanted - taken);
    }
    return 0;
}

/* Everything in it goes, up to `*place`; how much that was. Any thread but the one that puts beside it. */
static inline size_t pyj_ring_empty_to(pyj_ring *ring, uint64_t *place)
{
    uint64_t taken = atomic_load(&ring->taken), put;

    do
        put = atomic_load(&ring->put);
    while (!atomic_compare_exchange_weak(&ring->taken, &taken, put));
    *place = put;
    return (size_t)(put - taken);
}

static inline size_t pyj_ring_empty(pyj_ring *ring)
{
    uint64_t place;

    return pyj_ring_empty_to(ring, &place);
}

#endif
