#include "native_port.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include <pjsua-lib/pjsua.h>
#include <pjsua-lib/pjsua_internal.h>

#include "gate.h"
#include "ids.h"

#define SIGNATURE PJMEDIA_SIG_CLASS_APP('P', 'Y', 'N')

typedef struct native_port {
    pjmedia_port base;
    pj_pool_t *pool;
    pyjsua_port_ops ops;
    void *user;
    uint64_t serial;
    int slot;
    struct native_port *next;
} native_port;

static pthread_mutex_t attached_lock = PTHREAD_MUTEX_INITIALIZER;
static native_port *attached;

static _Thread_local int foreign;

void pyj_foreign_begin(void)
{
    foreign++;
}

void pyj_foreign_end(void)
{
    foreign--;
}

static pj_status_t get_frame(pjmedia_port *base, pjmedia_frame *frame)
{
    native_port *port = base->port_data.pdata;
    int says = 0;

    if (port->ops.get_frame) {
        memset(frame->buf, 0, frame->size);
        pyj_foreign_begin();
        says = port->ops.get_frame(port->user, frame->buf, (uint32_t)(frame->size / sizeof(int16_t)));
        pyj_foreign_end();
    }
    frame->type = says ? PJMEDIA_FRAME_TYPE_AUDIO : PJMEDIA_FRAME_TYPE_NONE;
    if (!says)
        frame->size = 0;
    return PJ_SUCCESS;
}

static pj_status_t put_frame(pjmedia_port *base, pjmedia_frame *frame)
{
    native_port *port = base->port_data.pdata;
    int is_audio = frame->type == PJMEDIA_FRAME_TYPE_AUDIO;

    if (!port->ops.put_frame)
        return PJ_SUCCESS;
    pyj_foreign_begin();
    port->ops.put_frame(port->user, is_audio ? frame->buf : NULL,
                        is_audio ? (uint32_t)(frame->size / sizeof(int16_t)) : PJMEDIA_PIA_SPF(&base->info));
    pyj_foreign_end();
    return PJ_SUCCESS;
}

/* The bridge is done with it. */
static pj_status_t on_destroy(pjmedia_port *base)
{
    native_port *port = base->port_data.pdata;
    pj_pool_t *pool = port->pool;

    /* Not for one that was never in the bridge: its maker is told by the error. */
    if (port->slot >= 0 && port->ops.on_destroy) {
        pyj_foreign_begin();
        port->ops.on_destroy(port->user);
        pyj_foreign_end();
    }
    free(port);
    pj_pool_release(pool);
    return PJ_SUCCESS;
}

static int is_rate(uint32_t rate)
{
    return rate == 8000 || rate == 16000 || rate == 24000 || rate == 32000 || rate == 44100 || rate == 48000;
}

/* Fills in what was left to us; 0 where it cannot be. */
static int complete(pyjsua_port_ops *ops, const pyjsua_port_ops *given)
{
    uint64_t ms;

    memset(ops, 0, sizeof(*ops));
    if (!given || given->size < offsetof(pyjsua_port_ops, name))
        return 0;
    memcpy(ops, given, given->size < sizeof(*ops) ? given->size : sizeof(*ops));
    if (!ops->clock_rate)
        ops->clock_rate = pjsua_var.media_cfg.clock_rate;
    else if (!is_rate(ops->clock_rate))
        return 0;
    if (!ops->channel_count)
        ops->channel_count = 1;
    if (!ops->samples_per_frame)
        ops->samples_per_frame = ops->clock_rate * pjsua_var.media_cfg.audio_frame_ptime / 1000;
    ms = (uint64_t)ops->samples_per_frame * 1000;
    /* 44100 Hz has whole samples only every 10 ms. */
    if (ops->samples_per_frame > 48000 || ms % ops->clock_rate || ms / ops->clock_rate < 1 || ms / ops->clock_rate > 120)
        return 0;
    if (!ops->name)
        ops->name = "native";
    return ops->channel_count <= 2 && strlen(ops->name) < PJ_MAX_OBJ_NAME;
}

static pj_status_t make_port(native_port *port)
{
    const pyjsua_port_ops *ops = &port->ops;
    pj_str_t name;
    pj_status_t status;

    port->pool = pjsua_pool_create("native%p", 1000, 1000);
    if (!port->pool)
        return PJ_ENOMEM;
    pj_strdup2_with_null(port->pool, &name, ops->name);
    port->ops.name = NULL;
    pjmedia_port_info_init(&port->base.info, &name, SIGNATURE, ops->clock_rate, ops->channel_count, 16,
                           ops->samples_per_frame * ops->channel_count);
    port->base.port_data.pdata = port;
    port->base.get_frame = get_frame;
    port->base.put_frame = put_frame;
    port->base.on_destroy = on_destroy;
    status = pjmedia_port_init_grp_lock(&port->base, port->pool, NULL);
    if (status != PJ_SUCCESS)
        pj_pool_release(port->pool);
    return status;
}

static pj_status_t attach(native_port *port, pyjsua_slot *out)
{
    int slot = -1;
    pj_status_t status = make_port(port);

    if (status != PJ_SUCCESS) {
        free(port);
        return status;
    }
    port->serial = pyj_serial_new();
    port->slot = -1;
    status = pjsua_conf_add_port(port->pool, &port->base, &slot);
    if (status != PJ_SUCCESS) {
        pjmedia_port_destroy(&port->base);
        return status;
    }
    port->slot = slot;
    out->slot = slot;
    out->serial = port->serial;
    pthread_mutex_lock(&attached_lock);
    port->next = attached;
    attached = port;
    pyj_slot_set(PYJ_PCMS, slot, port->serial);
    pthread_mutex_unlock(&attached_lock);
    return PJ_SUCCESS;
}

static int outcome_of(pj_status_t status)
{
    switch (status) {
    case PJ_SUCCESS:
        return PYJSUA_OK;
    case PJ_ENOMEM:
    case PJ_ETOOMANY:
        return PYJSUA_ENOMEM;
    case PJ_EINVAL:
        return PYJSUA_EINVAL;
    case PYJ_ESTATE:
    case PYJ_EFORKED:
        return PYJSUA_ESTATE;
    case PYJ_ESTALE:
        return PYJSUA_ESTALE;
    default:
        return PYJSUA_EFAILED;
    }
}

int pyj_native_port_add(const pyjsua_port_ops *ops, void *user, pyjsua_slot *out)
{
    native_port *port;
    pj_status_t status;

    if (foreign)
        return PYJSUA_EBUSY;
    if (!out)
        return PYJSUA_EINVAL;
    status = pyj_enter(PJSUA_STATE_INIT);
    if (status != PJ_SUCCESS)
        return outcome_of(status);
    port = calloc(1, sizeof(*port));
    if (!port) {
        status = PJ_ENOMEM;
    } else if (!complete(&port->ops, ops)) {
        free(port);
        status = PJ_EINVAL;
    } else {
        port->user = user;
        status = attach(port, out);
    }
    pyj_leave();
    return outcome_of(status);
}

/* Out of the list: whoever gets it takes it out of the bridge. serial 0: any. */
static native_port *take(uint64_t serial)
{
    native_port **place, *port;

    pthread_mutex_lock(&attached_lock);
    for (place = &attached; *place && serial && (*place)->serial != serial; place = &(*place)->next)
        ;
    port = *place;
    if (port)
        *place = port->next;
    pthread_mutex_unlock(&attached_lock);
    return port;
}

/* Not under the list's lock: on_destroy, which may come of it, is not ours. */
static void detach(native_port *port)
{
    pyj_slot_set(PYJ_PCMS, port->slot, 0);
    pjsua_conf_remove_port(port->slot);
    pjmedia_port_destroy(&port->base);
}

int pyj_native_port_remove(const pyjsua_slot *id)
{
    native_port *port;
    pj_status_t status;

    if (foreign)
        return PYJSUA_EBUSY;
    if (!id || id->slot < 0 || id->slot >= PJSUA_MAX_CONF_PORTS || !id->serial)
        return PYJSUA_EINVAL;
    status = pyj_enter(PJSUA_STATE_INIT);
    if (status != PJ_SUCCESS)
        return outcome_of(status);
    status = pyj_slot_enter(PYJ_PCMS, id->slot, id->serial, 1);
    if (status == PJ_SUCCESS) {
        port = take(id->serial);
        if (port)
            detach(port);
        else
            status = PYJ_ESTALE;
        pyj_slot_leave(PYJ_PCMS);
    }
    pyj_leave();
    return outcome_of(status);
}

int pyj_native_port_alive(const pyjsua_slot *id)
{
    return id && id->serial && id->slot >= 0 && id->slot < PJSUA_MAX_CONF_PORTS && !pyj_forked()
        && pyj_slot_serial(PYJ_PCMS, id->slot) == id->serial;
}

void pyj_native_ports_remove(void)
{
    native_port *port;

    while ((port = take(0)))
        detach(port);
}
