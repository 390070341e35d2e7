/* The event queue: any number of producers that never wait, one consumer.
 *
 * Pushing is one atomic exchange (Vyukov's intrusive queue), so the order of exchanges
 * is the total order of events. The consumer is woken once per batch through a file
 * descriptor, which a thread, an asyncio loop or a script may poll. */
#ifndef PYJ_QUEUE_H
#define PYJ_QUEUE_H

#include "record.h"

typedef struct pyj_queue_stats {
    uint64_t pushed;
    uint64_t popped;
    uint64_t dropped;    /* droppable records at the cap, or with no node to spare for them */
    uint64_t starved;    /* records lost because no memory was to be had */
    uint64_t wakes;      /* writes to the descriptor */
    uint64_t depth;
    uint64_t high_water;
    uint64_t cap;
    uint64_t oldest_ns;  /* when the first that waits was made, 0 for none */
} pyj_queue_stats;

/* Makes the descriptor and the pool; idempotent. 0, or an errno. */
int pyj_queue_init(void);
/* In the child of a fork: a descriptor of its own, or parent and child would take each other's wake-ups. */
void pyj_queue_forked(void);

/* Droppable records above this depth are dropped. */
void pyj_queue_set_cap(uint64_t cap);

/* A record with room for `payload` bytes, stamped with the time; NULL, and counted, if it is to be
 * dropped or no memory is to be had. With `realtime` memory comes from the pool only. */
pyj_record *pyj_record_new(uint16_t kind, size_t payload, uint16_t flags, int realtime);
void pyj_record_free(pyj_record *record);

void pyj_queue_push(pyj_record *record);

/* The consumer's side; one thread at a time. */
pyj_record *pyj_queue_pop(void);
int pyj_queue_fd(void);
/* Declares the consumer about to sleep; 0 if there is something to pop after all. */
int pyj_queue_may_sleep(void);
/* Waits for a record or pyj_queue_wake; 1 woken, 0 timed out. timeout_ms < 0 means for ever. */
int pyj_queue_wait(int timeout_ms);
/* Wakes the consumer whether or not there is a record. */
void pyj_queue_wake(void);
/* Empties the descriptor after it was found readable. */
void pyj_queue_ack(void);

void pyj_queue_get_stats(pyj_queue_stats *stats);
uint64_t pyj_now_ns(void);

#endif
