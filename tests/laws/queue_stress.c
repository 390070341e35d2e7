/* Many producers and one consumer on the event queue alone: every record comes once, those of a producer in
 * its order, the numbers rise by one, the cap holds, the counters agree. Prints what is wrong; 0 if nothing. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "queue.h"

enum { MAX_PRODUCERS = 64, SMALL_CAP = 100 };

static _Atomic unsigned released;
static _Atomic uint64_t pushed, refused;
static unsigned per_producer;

struct pyj_message {
    char nothing;
};

static pyj_message a_message;

void pyj_message_release(pyj_message *message)
{
    if (message)
        atomic_fetch_add(&released, 1);
}

typedef struct payload {
    unsigned producer, number;
    char filling[];
} payload;

#define FAIL(...) (printf(__VA_ARGS__), printf("\n"), exit(1))

/* Small ones live in the pool, large ones in memory of their own; every fourth may be dropped. */
static void *produce(void *argument)
{
    unsigned producer = (unsigned)(uintptr_t)argument;

    for (unsigned i = 0; i < per_producer; i++) {
        size_t size = sizeof(payload) + (i % 16 ? 64 : 2000);
        uint16_t flags = i % 4 ? 0 : PYJ_DROPPABLE;
        pyj_record *record = pyj_record_new((uint16_t)(producer + 1), size, flags, 0);
        payload *what;

        if (!record) {
            if (!flags)
                FAIL("record %u of producer %u refused", i, producer);
            atomic_fetch_add(&refused, 1);
            continue;
        }
        what = (payload *)record->payload;
        memset(what, (int)producer, size);
        what->producer = producer;
        what->number = i;
        if (i % 8 == 1)
            record->message = &a_message;
        atomic_fetch_add(&pushed, 1);
        pyj_queue_push(record);
    }
    return NULL;
}

static void check(pyj_record *record, int next[MAX_PRODUCERS], uint64_t *seq)
{
    payload *what = (payload *)record->payload;

    if (record->kind != what->producer + 1)
        FAIL("a record of producer %u says it is of kind %u", what->producer, record->kind);
    if ((int)what->number < next[what->producer])
        FAIL("record %u of producer %u comes after %d", what->number, what->producer, next[what->producer] - 1);
    for (int i = next[what->producer]; i < (int)what->number; i++)
        if (i % 4)
            FAIL("record %d of producer %u is lost", i, what->producer);
    next[what->producer] = (int)what->number + 1;
    if (record->seq != ++*seq)
        FAIL("number %llu where %llu was due", (unsigned long long)record->seq, (unsigned long long)*seq);
}

static void realtime_never_allocates(void)
{
    pyj_record *taken[8192];
    pyj_queue_stats before, after;
    unsigned count = 0;

    pyj_queue_get_stats(&before);
    while (count < 8192 && (taken[count] = pyj_record_new(1, 8, 0, 1)))
        count++;
    if (count == 0 || count == 8192)
        FAIL("%u records without malloc", count);
    if (pyj_record_new(1, 100000, 0, 1))
        FAIL("a realtime record larger than a node");
    pyj_queue_get_stats(&after);
    if (after.starved - before.starved != 2)
        FAIL("%llu starved, not 2", (unsigned long long)(after.starved - before.starved));
    while (count)
        pyj_record_free(taken[--count]);
}

/* Nobody pops: at the cap what may be dropped is, and nothing else. */
static void the_cap_holds(void)
{
    pyj_queue_stats stats;
    unsigned accepted = 0;

    for (unsigned i = 0; i < 3 * SMALL_CAP; i++) {
        pyj_record *record = pyj_record_new(1, 8, PYJ_DROPPABLE, 0);

        if (record) {
            pyj_queue_push(record);
            accepted++;
        }
    }
    for (unsigned i = 0; i < SMALL_CAP; i++)
        pyj_queue_push(pyj_record_new(1, 8, 0, 0));
    pyj_queue_get_stats(&stats);
    if (accepted != SMALL_CAP || stats.dropped != 2 * SMALL_CAP || stats.depth != 2 * SMALL_CAP
        || stats.high_water != 2 * SMALL_CAP)
        FAIL("%u accepted at a cap of %u, %llu dropped, depth %llu, high water %llu", accepted, SMALL_CAP,
             (unsigned long long)stats.dropped, (unsigned long long)stats.depth,
             (unsigned long long)stats.high_water);
    for (pyj_record *record; (record = pyj_queue_pop());)
        pyj_record_free(record);
    atomic_store(&refused, stats.dropped);
    atomic_store(&pushed, stats.pushed);
}

int main(int argc, char **argv)
{
    unsigned producers = argc > 1 ? (unsigned)atoi(argv[1]) : 8;
    unsigned with_message = 0;
    pthread_t threads[MAX_PRODUCERS];
    int next[MAX_PRODUCERS] = {0};
    uint64_t seq = 0;
    uint64_t seen = 0;
    pyj_queue_stats stats;

    per_producer = argc > 2 ? (unsigned)atoi(argv[2]) : 40000;
    if (pyj_queue_init() || pyj_queue_init())
        FAIL("no queue");
    pyj_queue_set_cap(SMALL_CAP);
    realtime_never_allocates();
    the_cap_holds();
    pyj_queue_get_stats(&stats);
    seen = seq = stats.popped;
    for (unsigned i = 0; i < producers; i++)
        pthread_create(&threads[i], NULL, produce, (void *)(uintptr_t)i);
    /* What may not be dropped is known beforehand; the rest comes as it can. */
    for (;;) {
        pyj_record *record = pyj_queue_pop();

        if (record) {
            check(record, next, &seq);
            with_message += record->message != NULL;
            pyj_record_free(record);
            seen++;
        } else {
            int finished = 1;

            for (unsigned i = 0; i < producers; i++)
                finished &= next[i] >= (int)per_producer - 3;
            if (finished && seen == atomic_load(&pushed))
                break;
            /* For ever, were a wake ever lost: the test's own time limit tells then. */
            if (!pyj_queue_wait(60000))
                FAIL("not woken with %llu of %llu popped", (unsigned long long)seen,
                     (unsigned long long)atomic_load(&pushed));
        }
    }
    for (unsigned i = 0; i < producers; i++)
        pthread_join(threads[i], NULL);
    /* The last ones of a producer may have been pushed after the loop saw all there was. */
    for (pyj_record *record; (record = pyj_queue_pop());) {
        check(record, next, &seq);
        with_message += record->message != NULL;
        pyj_record_free(record);
        seen++;
    }
    pyj_queue_get_stats(&stats);
    if (seen != atomic_load(&pushed) || stats.pushed != seen || stats.popped != seen || stats.depth != 0)
        FAIL("seen %llu, pushed %llu, popped %llu, depth %llu", (unsigned long long)seen,
             (unsigned long long)stats.pushed, (unsigned long long)stats.popped, (unsigned long long)stats.depth);
    if (stats.dropped != atomic_load(&refused))
        FAIL("%llu dropped, %llu refused", (unsigned long long)stats.dropped,
             (unsigned long long)atomic_load(&refused));
    if (with_message != atomic_load(&released))
        FAIL("%u messages, %u released", with_message, atomic_load(&released));
    if (stats.high_water == 0 || stats.high_water > stats.pushed || stats.wakes > stats.pushed)
        FAIL("high water %llu, wakes %llu", (unsigned long long)stats.high_water, (unsigned long long)stats.wakes);
    printf("%llu records, %llu dropped, %llu wakes, high water %llu\n", (unsigned long long)seen,
           (unsigned long long)stats.dropped, (unsigned long long)stats.wakes, (unsigned long long)stats.high_water);
    return 0;
}
