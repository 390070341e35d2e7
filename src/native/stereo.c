#include "stereo.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <pjsua-lib/pjsua_internal.h>

#include "ids.h"
#include "ring.h"

#define SIGNATURE PJMEDIA_SIG_CLASS_APP('P', 'Y', '2')

typedef struct side {
    pjmedia_port base;
    pj_pool_t *pool;
    pyj_stereo *stereo;
    int16_t *frame;
    uint64_t tick;
    int waiting; /* for the other half of `frame` */
} side;

struct pyj_stereo {
    side sides[2];
    _Atomic int refs;
    unsigned clock_rate, frame_samples;
    pthread_mutex_t pairing; /* the bridge may have several threads, and each port its own */
    int16_t *both;
    pyj_ring heard;
    _Atomic uint64_t lost;
    int slots[2]; /* -1 outside of the bridge */
    pyj_stereo *prev, *next;
};

static pthread_mutex_t attached_lock = PTHREAD_MUTEX_INITIALIZER;
static pyj_stereo *attached;

static void join_halves(pyj_stereo *stereo)
{
    const int16_t *left = stereo->sides[0].frame, *right = stereo->sides[1].frame;
    size_t lost;

    for (unsigned i = 0; i < stereo->frame_samples; i++) {
        stereo->both[2 * i] = left[i];
        stereo->both[2 * i + 1] = right[i];
    }
    lost = pyj_ring_make_room(&stereo->heard, stereo->frame_samples);
    if (lost)
        atomic_fetch_add_explicit(&stereo->lost, lost, memory_order_relaxed);
    pyj_ring_put(&stereo->heard, stereo->both, stereo->frame_samples);
}

static pj_status_t put_frame(pjmedia_port *port, pjmedia_frame *frame)
{
    side *mine = port->port_data.pdata;
    pyj_stereo *stereo = mine->stereo;
    side *other = &stereo->sides[mine == stereo->sides];
    size_t size = stereo->frame_samples * sizeof(int16_t), there = 0;

    pthread_mutex_lock(&stereo->pairing);
    /* Where nobody says anything there is no frame, but time passes all the same. */
    if (frame->type == PJMEDIA_FRAME_TYPE_AUDIO)
        there = frame->size < size ? frame->size : size;
    if (there)
        memcpy(mine->frame, frame->buf, there);
    memset((char *)mine->frame + there, 0, size - there);
    mine->tick = frame->timestamp.u64;
    mine->waiting = !(other->waiting && other->tick == mine->tick);
    if (!mine->waiting) {
        other->waiting = 0;
        join_halves(stereo);
    }
    pthread_mutex_unlock(&stereo->pairing);
    return PJ_SUCCESS;
}

static pj_status_t get_frame(pjmedia_port *port, pjmedia_frame *frame)
{
    PJ_UNUSED_ARG(port);
    frame->type = PJMEDIA_FRAME_TYPE_NONE;
    frame->size = 0;
    return PJ_SUCCESS;
}

/* The bridge is done with it. */
static pj_status_t on_destroy(pjmedia_port *port)
{
    side *mine = port->port_data.pdata;
    pj_pool_t *pool = mine->pool;

    pyj_stereo_unref(mine->stereo);
    pj_pool_release(pool);
    return PJ_SUCCESS;
}

pyj_stereo *pyj_stereo_new(void)
{
    pyj_stereo *stereo = calloc(1, sizeof(*stereo));

    if (!stereo)
        return NULL;
    atomic_init(&stereo->refs, 1);
    pthread_mutex_init(&stereo->pairing, NULL);
    stereo->slots[0] = stereo->slots[1] = -1;
    return stereo;
}

void pyj_stereo_unref(pyj_stereo *stereo)
{
    if (atomic_fetch_sub(&stereo->refs, 1) != 1)
        return;
    pyj_ring_free(&stereo->heard);
    free(stereo->sides[0].frame);
    free(stereo->sides[1].frame);
    free(stereo->both);
    pthread_mutex_destroy(&stereo->pairing);
    free(stereo);
}

static pj_status_t add_side(pyj_stereo *stereo, side *mine, const char *label, int *slot)
{
    pj_str_t name = {(char *)label, (pj_ssize_t)strlen(label)};
    pj_status_t status;

    mine->stereo = stereo;
    mine->pool = pjsua_pool_create("stereo%p", 1000, 1000);
    if (!mine->pool)
        return PJ_ENOMEM;
    pjmedia_port_info_init(&mine->base.info, &name, SIGNATURE, stereo->clock_rate, 1, 16, stereo->frame_samples);
    mine->base.port_data.pdata = mine;
    mine->base.get_frame = get_frame;
    mine->base.put_frame = put_frame;
    mine->base.on_destroy = on_destroy;
    status = pjmedia_port_init_grp_lock(&mine->base, mine->pool, NULL);
    if (status != PJ_SUCCESS) {
        pj_pool_release(mine->pool);
        return status;
    }
    atomic_fetch_add(&stereo->refs, 1);
    status = pjsua_conf_add_port(mine->pool, &mine->base, slot);
    if (status != PJ_SUCCESS) {
        pjmedia_port_destroy(&mine->base);
        *slot = -1;
    }
    return status;
}

static void remove_side(pyj_stereo *stereo, int which)
{
    int slot = stereo->slots[which];

    if (slot < 0)
        return;
    stereo->slots[which] = -1;
    pyj_slot_set(PYJ_PCMS, slot, 0);
    pjsua_conf_remove_port(slot);
    pjmedia_port_destroy(&stereo->sides[which].base);
}

static int make_buffers(pyj_stereo *stereo, unsigned read_behind_ms)
{
    size_t samples = stereo->frame_samples;
    size_t capacity = (size_t)stereo->clock_rate * read_behind_ms / 1000;

    stereo->both = calloc(2 * samples, sizeof(int16_t));
    for (int i = 0; i < 2; i++)
        stereo->sides[i].frame = calloc(samples, sizeof(int16_t));
    return pyj_ring_init(&stereo->heard, capacity > 2 * samples ? capacity : 2 * samples, 2) == 0 && stereo->both
        && stereo->sides[0].frame && stereo->sides[1].frame;
}

pj_status_t pyj_stereo_attach(pyj_stereo *stereo, unsigned read_behind_ms, uint64_t serial, int slots[2])
{
    static const char *const labels[] = {"left", "right"};
    pj_status_t status = PJ_SUCCESS;

    stereo->clock_rate = pjsua_var.media_cfg.clock_rate;
    stereo->frame_samples = stereo->clock_rate * pjsua_var.media_cfg.audio_frame_ptime / 1000;
    if (!make_buffers(stereo, read_behind_ms))
        return PJ_ENOMEM;
    pthread_mutex_lock(&attached_lock);
    for (int i = 0; i < 2 && status == PJ_SUCCESS; i++) {
        status = add_side(stereo, &stereo->sides[i], labels[i], &stereo->slots[i]);
        if (status == PJ_SUCCESS)
            pyj_slot_set(PYJ_PCMS, stereo->slots[i], serial);
    }
    if (status == PJ_SUCCESS) {
        memcpy(slots, stereo->slots, sizeof(stereo->slots));
        stereo->next = attached;
        if (attached)
            attached->prev = stereo;
        attached = stereo;
    } else {
        remove_side(stereo, 0);
    }
    pthread_mutex_unlock(&attached_lock);
    return status;
}

static void detach(pyj_stereo *stereo)
{
    if (stereo->prev)
        stereo->prev->next = stereo->next;
    else
        attached = stereo->next;
    if (stereo->next)
        stereo->next->prev = stereo->prev;
    stereo->prev = stereo->next = NULL;
    remove_side(stereo, 0);
    remove_side(stereo, 1);
}

void pyj_stereo_detach(pyj_stereo *stereo)
{
    pthread_mutex_lock(&attached_lock);
    if (stereo->slots[0] >= 0)
        detach(stereo);
    pthread_mutex_unlock(&attached_lock);
}

void pyj_stereo_detach_all(void)
{
    pthread_mutex_lock(&attached_lock);
    while (attached)
        detach(attached);
    pthread_mutex_unlock(&attached_lock);
}

unsigned pyj_stereo_clock_rate(const pyj_stereo *stereo)
{
    return stereo->clock_rate;
}

size_t pyj_stereo_read(pyj_stereo *stereo, int16_t *samples, size_t count)
{
    size_t got;

    /* The clock made room by what was about to be taken: there is more. */
    do
        got = pyj_ring_take(&stereo->heard, samples, count);
    while (!got && count && pyj_ring_count(&stereo->heard));
    return got;
}

size_t pyj_stereo_readable(const pyj_stereo *stereo)
{
    return pyj_ring_count(&stereo->heard);
}

void pyj_stereo_get_stats(const pyj_stereo *stereo, pyj_stereo_stats *stats)
{
    uint64_t lost = atomic_load(&stereo->lost), gone = atomic_load(&stereo->heard.taken);

    stats->received = atomic_load(&stereo->heard.put);
    stats->read = gone > lost ? gone - lost : 0;
    stats->lost = lost;
}
