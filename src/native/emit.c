#include "emit.h"

#include <pjsua-lib/pjsua.h>
#include <pjsua-lib/pjsua_internal.h>

#include "gate.h"
#include "ids.h"
#include "queue.h"
#include "structs.h"

static _Atomic unsigned char wanted[PYJ_STRUCT_COUNT];

int pyj_wanted(uint16_t kind)
{
    return atomic_load_explicit(&wanted[kind], memory_order_relaxed);
}

void pyj_set_wanted(uint16_t kind, int on)
{
    atomic_store(&wanted[kind], on != 0);
}

pyj_record *pyj_emit_pack(uint16_t kind, const void *payload, const pyj_about *about, pyj_message *message, int flags)
{
    const pyj_struct *shape = &pyj_structs[kind];
    pyj_record *record = NULL;

    if (pyj_wanted(kind))
        record = pyj_record_new(kind, pyj_pack_size(shape, payload),
                                flags & PYJ_EMIT_DROPPABLE ? PYJ_DROPPABLE : 0, flags & PYJ_EMIT_REALTIME);
    if (!record) {
        pyj_message_release(message);
        return NULL;
    }
    pyj_pack(shape, payload, record->payload);
    record->epoch = pyj_epoch();
    record->call_id = about->call_id;
    record->call_serial = about->call_serial;
    record->acc_id = about->acc_id;
    record->acc_serial = about->acc_serial;
    record->message = message;
    return record;
}

void pyj_emit_about(uint16_t kind, const void *payload, const pyj_about *about, pyj_message *message, int flags)
{
    pyj_record *record = pyj_emit_pack(kind, payload, about, message, flags);

    if (record)
        pyj_queue_push(record);
}

pyj_about pyj_about_call(pjsua_call_id id)
{
    pyj_about about = {id, -1, pyj_call_serial(id), 0};

    if (id >= 0 && id < (int)pjsua_var.ua_cfg.max_calls) {
        about.acc_id = pjsua_var.calls[id].acc_id;
        about.acc_serial = pyj_acc_serial(about.acc_id);
        pyj_about_as_of(&about, about.call_serial);
    }
    return about;
}

void pyj_about_as_of(pyj_about *about, uint64_t serial)
{
    if (about->acc_serial && about->acc_serial <= serial)
        return;
    about->acc_id = -1;
    about->acc_serial = 0;
}

pyj_about pyj_about_acc(pjsua_acc_id id)
{
    pyj_about about = {-1, id, 0, pyj_acc_serial(id)};

    return about;
}
