/* What crosses from PJSIP's threads to Python: a header and one packed struct. */
#ifndef PYJ_RECORD_H
#define PYJ_RECORD_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "message.h"

enum pyj_record_flags {
    PYJ_DROPPABLE = 1, /* may be dropped, and counted, when the queue is at its cap */
    PYJ_POOLED = 2,    /* lives in a node of the pool, not in memory of its own */
};

typedef struct pyj_record {
    _Atomic(struct pyj_record *) next;
    uint32_t size;      /* of the whole record */
    uint16_t kind;      /* index into pyj_structs: the event's class */
    uint16_t flags;
    uint64_t seq;       /* given by the consumer: the queue's order is the total order */
    uint64_t time_ns;   /* CLOCK_MONOTONIC */
    uint32_t epoch;     /* which create() it belongs to */
    int32_t owner;      /* account's owner, 0 for the whole process */
    int32_t call_id;
    int32_t acc_id;
    uint64_t call_serial;
    uint64_t acc_serial;
    pyj_message *message;
    _Alignas(16) char payload[];
} pyj_record;

#endif
