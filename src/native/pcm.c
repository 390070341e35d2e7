#include "pcm.h"

#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <pjsua-lib/pjsua_internal.h>

#include "ids.h"
#include "queue.h"
#include "ring.h"

#define SIGNATURE PJMEDIA_SIG_CLASS_APP('P', 'Y', 'J')

struct pyj_pcm {
    pjmedia_port base;
    pj_pool_t *pool;
    _Atomic int refs;
    unsigned clock_rate, channel_count;
    pyj_ring out, in;

    _Atomic int paused;
    _Atomic int end_expected;
    int flowing; /* the clock's own: the last frame was full */
    _Atomic int has_reader;
    _Atomic uint64_t played, lost, frames, underruns, overruns;
    int16_t *silence; /* of a frame */

    /* Raised whenever either ring moves, for those who wait. */
    _Atomic uint32_t moves;
    _Atomic uint32_t waiters;

    _Atomic int slot; /* -1 outside of the bridge */
    pyj_pcm *prev, *next;
};

static _Atomic uint64_t made, destroyed;

static pthread_mutex_t attached_lock = PTHREAD_MUTEX_INITIALIZER;
static pyj_pcm *attached;

static void moved(pyj_pcm *pcm)
{
    atomic_fetch_add(&pcm->moves, 1);
    if (atomic_load(&pcm->waiters))
        syscall(SYS_futex, &pcm->moves, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0);
}

static pj_status_t get_frame(pjmedia_port *port, pjmedia_frame *frame)
{
    pyj_pcm *pcm = port->port_data.pdata;
    size_t wanted = frame->size / (sizeof(int16_t) * pcm->channel_count), count = 0;

    atomic_fetch_add_explicit(&pcm->frames, 1, memory_order_relaxed);
    if (!atomic_load_explicit(&pcm->paused, memory_order_acquire))
        count = pyj_ring_take(&pcm->out, frame->buf, wanted);
    if (count) {
        atomic_fetch_add_explicit(&pcm->played, count, memory_order_relaxed);
        moved(pcm);
    }
    if (pcm->flowing && count < wanted && !atomic_load(&pcm->paused)
        && !(atomic_load(&pcm->end_expected) && !pyj_ring_count(&pcm->out)))
        atomic_fetch_add_explicit(&pcm->underruns, 1, memory_order_relaxed);
    pcm->flowing = count == wanted;
    if (!count) {
        frame->type = PJMEDIA_FRAME_TYPE_NONE;
        frame->size = 0;
        return PJ_SUCCESS;
    }
    memset((int16_t *)frame->buf + count * pcm->channel_count, 0,
           (wanted - count) * pcm->channel_count * sizeof(int16_t));
    frame->type = PJMEDIA_FRAME_TYPE_AUDIO;
    return PJ_SUCCESS;
}

static pj_status_t put_frame(pjmedia_port *port, pjmedia_frame *frame)
{
    pyj_pcm *pcm = port->port_data.pdata;
    const int16_t *samples = pcm->silence;
    size_t count = PJMEDIA_PIA_SPF(&port->info) / pcm->channel_count, dropped;

    /* Where nobody says anything there is no frame, but time passes all the same. */
    if (frame->type == PJMEDIA_FRAME_TYPE_AUDIO) {
        samples = frame->buf;
        count = frame->size / (sizeof(int16_t) * pcm->channel_count);
    }
    dropped = pyj_ring_make_room(&pcm->in, count);
    if (dropped) {
        atomic_fetch_add_explicit(&pcm->lost, dropped, memory_order_relaxed);
        if (atomic_load_explicit(&pcm->has_reader, memory_order_relaxed))
            atomic_fetch_add_explicit(&pcm->overruns, 1, memory_order_relaxed);
    }
    pyj_ring_put(&pcm->in, samples, count);
    moved(pcm);
    return PJ_SUCCESS;
}

/* The bridge is done with it. */
static pj_status_t on_destroy(pjmedia_port *port)
{
    pyj_pcm *pcm = port->port_data.pdata;
    pj_pool_t *pool = pcm->pool;

    atomic_fetch_add(&destroyed, 1);
    pyj_pcm_unref(pcm);
    pj_pool_release(pool);
    return PJ_SUCCESS;
}

pyj_pcm *pyj_pcm_new(unsigned clock_rate, unsigned channel_count, size_t write_ahead, size_t read_behind)
{
    pyj_pcm *pcm = calloc(1, sizeof(*pcm));

    if (!pcm)
        return NULL;
    pcm->clock_rate = clock_rate;
    pcm->channel_count = channel_count;
    atomic_init(&pcm->refs, 1);
    atomic_init(&pcm->slot, -1);
    if (pyj_ring_init(&pcm->out, write_ahead, channel_count) | pyj_ring_init(&pcm->in, read_behind, channel_count)) {
        pyj_pcm_unref(pcm);
        return NULL;
    }
    return pcm;
}

void pyj_pcm_unref(pyj_pcm *pcm)
{
    if (atomic_fetch_sub(&pcm->refs, 1) != 1)
        return;
    pyj_ring_free(&pcm->out);
    pyj_ring_free(&pcm->in);
    free(pcm->silence);
    free(pcm);
}

static pj_status_t make_port(pyj_pcm *pcm)
{
    /* As long as the bridge's own frames: each is asked for once a tick. */
    unsigned frame = pcm->clock_rate * pjsua_var.media_cfg.audio_frame_ptime / 1000;
    pj_str_t name = {"python", 6};
    pj_status_t status;

    free(pcm->silence);
    pcm->silence = calloc(frame * pcm->channel_count, sizeof(int16_t));
    if (!pcm->silence)
        return PJ_ENOMEM;
    pcm->pool = pjsua_pool_create("pcm%p", 1000, 1000);
    if (!pcm->pool)
        return PJ_ENOMEM;
    pjmedia_port_info_init(&pcm->base.info, &name, SIGNATURE, pcm->clock_rate, pcm->channel_count, 16,
                           frame * pcm->channel_count);
    pcm->base.port_data.pdata = pcm;
    pcm->base.get_frame = get_frame;
    pcm->base.put_frame = put_frame;
    pcm->base.on_destroy = on_destroy;
    status = pjmedia_port_init_grp_lock(&pcm->base, pcm->pool, NULL);
    if (status != PJ_SUCCESS) {
        pj_pool_release(pcm->pool);
        return status;
    }
    atomic_fetch_add(&pcm->refs, 1);
    atomic_fetch_add(&made, 1);
    return PJ_SUCCESS;
}

pj_status_t pyj_pcm_attach(pyj_pcm *pcm, uint64_t serial, int *slot)
{
    pj_status_t status;

    pthread_mutex_lock(&attached_lock);
    status = make_port(pcm);
    if (status == PJ_SUCCESS) {
        status = pjsua_conf_add_port(pcm->pool, &pcm->base, slot);
        if (status == PJ_SUCCESS) {
            pyj_slot_set(PYJ_PCMS, *slot, serial);
            pcm->next = attached;
            if (attached)
                attached->prev = pcm;
            attached = pcm;
            atomic_store(&pcm->slot, *slot);
        } else {
            pjmedia_port_destroy(&pcm->base);
        }
    }
    pthread_mutex_unlock(&attached_lock);
    return status;
}

static void detach(pyj_pcm *pcm)
{
    int slot = atomic_exchange(&pcm->slot, -1);

    if (pcm->prev)
        pcm->prev->next = pcm->next;
    else
        attached = pcm->next;
    if (pcm->next)
        pcm->next->prev = pcm->prev;
    pcm->prev = pcm->next = NULL;
    pyj_slot_set(PYJ_PCMS, slot, 0);
    pjsua_conf_remove_port(slot);
    /* Whoever waits for it has waited long enough. */
    moved(pcm);
    pjmedia_port_destroy(&pcm->base);
}

pj_status_t pyj_pcm_detach(pyj_pcm *pcm)
{
    pthread_mutex_lock(&attached_lock);
    if (atomic_load(&pcm->slot) >= 0)
        detach(pcm);
    pthread_mutex_unlock(&attached_lock);
    return PJ_SUCCESS;
}

void pyj_pcm_detach_all(void)
{
    pthread_mutex_lock(&attached_lock);
    while (attached)
        detach(attached);
    pthread_mutex_unlock(&attached_lock);
}

size_t pyj_pcm_write(pyj_pcm *pcm, const int16_t *samples, size_t count)
{
    atomic_store(&pcm->end_expected, 0);
    return pyj_ring_put(&pcm->out, samples, count);
}

size_t pyj_pcm_read(pyj_pcm *pcm, int16_t *samples, size_t count)
{
    atomic_store_explicit(&pcm->has_reader, 1, memory_order_relaxed);
    return pyj_ring_take(&pcm->in, samples, count);
}

size_t pyj_pcm_queued(const pyj_pcm *pcm)
{
    return pyj_ring_count(&pcm->out);
}

size_t pyj_pcm_readable(const pyj_pcm *pcm)
{
    return pyj_ring_count(&pcm->in);
}

size_t pyj_pcm_room(const pyj_pcm *pcm)
{
    return pyj_ring_room(&pcm->out);
}

size_t pyj_pcm_clear(pyj_pcm *pcm)
{
    size_t count = pyj_ring_empty(&pcm->out);

    atomic_store(&pcm->end_expected, 1);
    moved(pcm);
    return count;
}

size_t pyj_pcm_skip(pyj_pcm *pcm)
{
    size_t count = pyj_ring_empty(&pcm->in);

    atomic_fetch_add(&pcm->lost, count);
    return count;
}

void pyj_pcm_pause(pyj_pcm *pcm, int paused)
{
    atomic_store(&pcm->paused, paused);
}

void pyj_pcm_expect_end(pyj_pcm *pcm)
{
    atomic_store(&pcm->end_expected, 1);
}

static int reached(const pyj_pcm *pcm, pyj_pcm_what what, uint64_t count)
{
    switch (what) {
    case PYJ_PCM_ROOM:
        return pyj_ring_room(&pcm->out) >= count;
    case PYJ_PCM_READABLE:
        return pyj_ring_count(&pcm->in) >= count;
    default:
        return atomic_load(&pcm->out.taken) >= count;
    }
}

int pyj_pcm_wait(pyj_pcm *pcm, pyj_pcm_what what, uint64_t count, int timeout_ms)
{
    uint64_t end = pyj_now_ns() + (uint64_t)(timeout_ms < 0 ? 0 : timeout_ms) * 1000000u;
    int outcome;

    atomic_fetch_add(&pcm->waiters, 1);
    for (;;) {
        uint32_t seen = atomic_load(&pcm->moves);
        struct timespec left, *limit = NULL;

        if (reached(pcm, what, count)) {
            outcome = 1;
            break;
        }
        if (atomic_load(&pcm->slot) < 0) {
            outcome = -1;
            break;
        }
        if (timeout_ms >= 0) {
            uint64_t now = pyj_now_ns();

            if (now >= end) {
                outcome = 0;
                break;
            }
            left.tv_sec = (time_t)((end - now) / 1000000000u);
            left.tv_nsec = (long)((end - now) % 1000000000u);
            limit = &left;
        }
        syscall(SYS_futex, &pcm->moves, FUTEX_WAIT_PRIVATE, seen, limit, NULL, 0);
    }
    atomic_fetch_sub(&pcm->waiters, 1);
    return outcome;
}

void pyj_pcm_get_stats(const pyj_pcm *pcm, pyj_pcm_stats *stats)
{
    uint64_t taken = atomic_load(&pcm->out.taken), lost = atomic_load(&pcm->lost), gone = atomic_load(&pcm->in.taken);

    stats->played = atomic_load(&pcm->played);
    stats->cleared = taken > stats->played ? taken - stats->played : 0;
    stats->written = atomic_load(&pcm->out.put);
    stats->read = gone > lost ? gone - lost : 0;
    stats->received = atomic_load(&pcm->in.put);
    stats->lost = lost;
    stats->frames = atomic_load(&pcm->frames);
    stats->underruns = atomic_load(&pcm->underruns);
    stats->overruns = atomic_load(&pcm->overruns);
}

void pyj_pcm_census(uint64_t *made_so_far, uint64_t *destroyed_so_far)
{
    *destroyed_so_far = atomic_load(&destroyed);
    *made_so_far = atomic_load(&made);
}
