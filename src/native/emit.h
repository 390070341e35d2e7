/* The last step of a trampoline: pack what it gathered into a record and push it. */
#ifndef PYJ_EMIT_H
#define PYJ_EMIT_H

#include <pjsua-lib/pjsua.h>

#include "message.h"
#include "record.h"
#include "tables.h"

enum pyj_emit_flags {
    PYJ_EMIT_DROPPABLE = 1, /* may be dropped when the queue is full */
    PYJ_EMIT_REALTIME = 2,  /* a media thread or a lock is waiting: no malloc */
};

/* Who an event is about. */
typedef struct pyj_about {
    int32_t call_id, acc_id;
    uint64_t call_serial, acc_serial;
} pyj_about;

/* Whether somebody wants events of this kind. Trampolines ask before they copy. */
int pyj_wanted(uint16_t kind);
void pyj_set_wanted(uint16_t kind, int wanted);

/* Packs *payload, which is of the kind's C struct, and pushes it. Takes over the message. */
void pyj_emit_about(uint16_t kind, const void *payload, const pyj_about *about, pyj_message *message, int flags);

/* The same up to the push; NULL where nobody wants it, or there is no memory. */
pyj_record *pyj_emit_pack(uint16_t kind, const void *payload, const pyj_about *about, pyj_message *message, int flags);

static inline void pyj_emit(uint16_t kind, const void *payload, pyj_message *message, int flags)
{
    pyj_about nobody = {-1, -1, 0, 0};

    pyj_emit_about(kind, payload, &nobody, message, flags);
}

/* The call, its account and both serials. */
pyj_about pyj_about_call(pjsua_call_id id);
pyj_about pyj_about_acc(pjsua_acc_id id);
/* No account, if it has gone since the serial was given: an id without one would mean whoever has its slot. */
void pyj_about_as_of(pyj_about *about, uint64_t serial);

#endif
