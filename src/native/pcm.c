#include "pcm.h"

#include <math.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>

#include <pjsua-lib/pjsua_internal.h>

#include "ids.h"
#include "pcm_port.h"
#include "queue.h"

#define SIGNATURE PJMEDIA_SIG_CLASS_APP('P', 'Y', 'J')

static _Atomic uint64_t made, destroyed, bridge_ticks;

static pthread_mutex_t attached_lock = PTHREAD_MUTEX_INITIALIZER;
static pyj_pcm *attached;

/* How much was played and how much cleared, of one moment. */
static uint64_t get_played(const pyj_pcm *pcm, uint64_t *cleared)
{
    uint64_t taken;
    unsigned seen;

    do {
        while ((seen = atomic_load(&pcm->clears)) & 1)
            sched_yield();
        *cleared = atomic_load(&pcm->cleared);
        taken = atomic_load(&pcm->out.taken);
    } while (atomic_load(&pcm->clears) != seen);
    return taken - *cleared;
}

/* Up to here it is all there, however little that is. Never back: marks are set and ends expected beside each other. */
static void complete_to(pyj_pcm *pcm, uint64_t place)
{
    uint64_t now = atomic_load(&pcm->complete_to);

    while (now < place && !atomic_compare_exchange_weak(&pcm->complete_to, &now, place))
        ;
}

/* Marks whose place has been reached; the clock's, which does not wait for who has them. */
static void tell_marks(pyj_pcm *pcm)
{
    unsigned kept;

    if (!atomic_load(&pcm->marks.waiting) || !pyj_marks_try(&pcm->marks))
        return;
    uint64_t taken = atomic_load(&pcm->out.taken);
    /* What clears has the lock meanwhile. */
    kept = pyj_marks_tell(&pcm->marks, taken, PYJ_MARK_PLAYED, pcm->id, pcm->clock_rate,
                          taken - atomic_load(&pcm->cleared), taken);
    pyj_marks_unlock(&pcm->marks);
    if (kept)
        pyj_pcm_tell(pcm);
}

static void measure(const int16_t *samples, size_t count, _Atomic unsigned *rms, _Atomic unsigned *peak)
{
    uint64_t sum = 0;
    int highest = 0, lowest = 0;

    for (size_t i = 0; i < count; i++) {
        int sample = samples[i];

        sum += (uint32_t)(sample * sample);
        highest = sample > highest ? sample : highest;
        lowest = sample < lowest ? sample : lowest;
    }
    atomic_store_explicit(rms, count ? (unsigned)sqrt((double)(sum / count)) : 0, memory_order_relaxed);
    atomic_store_explicit(peak, (unsigned)(-lowest > highest ? -lowest : highest), memory_order_relaxed);
}

/* How much of the frame to give is taken from what was written. */
static size_t take_out(pyj_pcm *pcm, int16_t *to, size_t wanted)
{
    if (atomic_load_explicit(&pcm->paused, memory_order_acquire))
        return 0;
    if (!pcm->primed)
        pcm->primed = pyj_ring_count(&pcm->out) >= pcm->prefill
            || atomic_load(&pcm->out.taken) < atomic_load(&pcm->complete_to);
    return pcm->primed ? pyj_ring_take(&pcm->out, to, wanted) : 0;
}

static pj_status_t get_frame(pjmedia_port *port, pjmedia_frame *frame)
{
    pyj_pcm *pcm = port->port_data.pdata;
    size_t wanted = frame->size / (sizeof(int16_t) * pcm->channel_count), count;

    atomic_fetch_add_explicit(&pcm->frames, 1, memory_order_relaxed);
    /* The tick this frame is of is counted by put_frame, which comes after. */
    atomic_store(&pcm->pulled_at, atomic_load(&pcm->ticks) + 1);
    count = take_out(pcm, frame->buf, wanted);
    if (count)
        pyj_pcm_moved(pcm);
    tell_marks(pcm);
    if (pcm->flowing && count < wanted && !atomic_load(&pcm->paused)
        && !(atomic_load(&pcm->end_expected) && !pyj_ring_count(&pcm->out)))
        atomic_fetch_add_explicit(&pcm->underruns, 1, memory_order_relaxed);
    pcm->flowing = count == wanted;
    if (count < wanted && !atomic_load(&pcm->paused))
        pcm->primed = 0;
    measure(frame->buf, count * pcm->channel_count, &pcm->rms_out, &pcm->peak_out);
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

static void tick(pyj_pcm *pcm)
{
    atomic_fetch_add(&pcm->ticks, 1);
    atomic_fetch_add(&bridge_ticks, 1);
    pyj_lateness_tick(&pcm->lateness, pyj_now_ns(), (uint64_t)pcm->ptime * 1000000u);
    /* Where nobody listens no frame is pulled. */
    tell_marks(pcm);
}

static pj_status_t put_frame(pjmedia_port *port, pjmedia_frame *frame)
{
    pyj_pcm *pcm = port->port_data.pdata;
    const int16_t *samples = pcm->silence;
    size_t count = PJMEDIA_PIA_SPF(&port->info) / pcm->channel_count, dropped;

    tick(pcm);
    /* Where nobody says anything there is no frame, but time passes all the same. */
    if (frame->type == PJMEDIA_FRAME_TYPE_AUDIO) {
        samples = frame->buf;
        count = frame->size / (sizeof(int16_t) * pcm->channel_count);
        measure(samples, count * pcm->channel_count, &pcm->rms_in, &pcm->peak_in);
    } else {
        measure(samples, 0, &pcm->rms_in, &pcm->peak_in);
    }
    pyj_speech_heard(&pcm->speech, atomic_load_explicit(&pcm->rms_in, memory_order_relaxed),
                     atomic_load(&pcm->in.put), count, pcm->id, pcm->clock_rate);
    dropped = pyj_ring_make_room(&pcm->in, count);
    if (dropped) {
        atomic_fetch_add_explicit(&pcm->lost, dropped, memory_order_relaxed);
        if (atomic_load_explicit(&pcm->has_reader, memory_order_relaxed))
            atomic_fetch_add_explicit(&pcm->overruns, 1, memory_order_relaxed);
    }
    pyj_ring_put(&pcm->in, samples, count);
    pyj_pcm_moved(pcm);
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

pyj_pcm *pyj_pcm_new(unsigned clock_rate, unsigned channel_count, size_t write_ahead, size_t read_behind,
                     size_t prefill)
{
    pyj_pcm *pcm = calloc(1, sizeof(*pcm));

    if (!pcm)
        return NULL;
    pcm->clock_rate = clock_rate;
    pcm->channel_count = channel_count;
    pcm->prefill = prefill;
    pcm->marks.busy = (atomic_flag)ATOMIC_FLAG_INIT;
    for (int what = 0; what < PYJ_PCM_WHATS; what++)
        atomic_init(&pcm->wanted[what], UINT64_MAX);
    atomic_init(&pcm->refs, 1);
    atomic_init(&pcm->slot, -1);
    if (pyj_ring_init(&pcm->out, write_ahead, channel_count) | pyj_ring_init(&pcm->in, read_behind, channel_count)) {
        pyj_pcm_unref(pcm);
        return NULL;
    }
    return pcm;
}

void pyj_pcm_ref(pyj_pcm *pcm)
{
    atomic_fetch_add(&pcm->refs, 1);
}

void pyj_pcm_unref(pyj_pcm *pcm)
{
    if (atomic_fetch_sub(&pcm->refs, 1) != 1)
        return;
    pyj_ring_free(&pcm->out);
    pyj_ring_free(&pcm->in);
    free(pcm->silence);
    free(pcm->marks.cells);
    free(pcm);
}

static pj_status_t make_port(pyj_pcm *pcm)
{
    /* As long as the bridge's own frames: each is asked for once a tick. */
    unsigned frame = pcm->clock_rate * (pcm->ptime = pjsua_var.media_cfg.audio_frame_ptime) / 1000;
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
    size_t frames = 2 * (size_t)(pcm->clock_rate * pjsua_var.media_cfg.audio_frame_ptime / 1000);
    pj_status_t status;

    /* Of less than two frames of the bridge none can be kept full. */
    if (pcm->out.capacity < frames || pcm->in.capacity < frames)
        return PJ_ETOOSMALL;
    pthread_mutex_lock(&attached_lock);
    status = make_port(pcm);
    if (status == PJ_SUCCESS) {
        status = pjsua_conf_add_port(pcm->pool, &pcm->base, slot);
        if (status == PJ_SUCCESS) {
            pcm->id = (pyj_serial_id){*slot, serial};
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
    pyj_marks_lock(&pcm->marks);
    pyj_marks_tell(&pcm->marks, UINT64_MAX, PYJ_MARK_CLOSED, pcm->id, pcm->clock_rate,
                   atomic_load(&pcm->out.taken) - atomic_load(&pcm->cleared), 0);
    pyj_marks_unlock(&pcm->marks);
    /* Whoever waits for it has waited long enough. */
    pyj_pcm_tell(pcm);
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
    if (count)
        atomic_store(&pcm->end_expected, 0);
    return pyj_ring_put(&pcm->out, samples, count);
}

size_t pyj_pcm_read(pyj_pcm *pcm, int16_t *samples, size_t count)
{
    size_t got;

    atomic_store_explicit(&pcm->has_reader, 1, memory_order_relaxed);
    /* The bridge may have let go of what was being copied: there is newer. */
    do
        got = pyj_ring_take(&pcm->in, samples, count);
    while (!got && count && pyj_ring_count(&pcm->in));
    return got;
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
    uint64_t place, played;
    size_t count;
    unsigned kept;

    /* The clock must not take for played what goes here. */
    pyj_marks_lock(&pcm->marks);
    atomic_fetch_add(&pcm->clears, 1);
    count = pyj_ring_empty_to(&pcm->out, &place);
    played = place - count - atomic_fetch_add(&pcm->cleared, count);
    atomic_fetch_add(&pcm->clears, 1);
    kept = pyj_marks_tell(&pcm->marks, place - count, PYJ_MARK_PLAYED, pcm->id, pcm->clock_rate, played, place - count);
    kept += pyj_marks_tell(&pcm->marks, place, PYJ_MARK_CLEARED, pcm->id, pcm->clock_rate, played, place);
    pyj_marks_unlock(&pcm->marks);
    pyj_pcm_expect_end(pcm);
    pyj_pcm_moved(pcm);
    if (kept)
        pyj_pcm_tell(pcm);
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
    complete_to(pcm, atomic_load(&pcm->out.put));
}

int64_t pyj_pcm_mark(pyj_pcm *pcm, const char *name, size_t name_size, int keep, uint64_t *place)
{
    uint64_t at;
    int64_t number = -2;

    if (keep) {
        pyj_pcm_ready_fd();
        atomic_store(&pcm->asked, 1);
    }
    pyj_marks_lock(&pcm->marks);
    at = atomic_load(&pcm->out.put);
    /* What leaves the bridge tells its marks under this lock, and after that its slot is gone. */
    if (atomic_load(&pcm->slot) >= 0)
        number = pyj_marks_put(&pcm->marks, at, name, name_size, keep);
    pyj_marks_unlock(&pcm->marks);
    complete_to(pcm, at);
    if (place)
        *place = at;
    return number;
}

int pyj_pcm_collect(pyj_pcm *pcm, pyj_mark *mark)
{
    int there;

    if (!atomic_load(&pcm->marks.kept))
        return 0;
    pyj_marks_lock(&pcm->marks);
    there = pyj_marks_collect(&pcm->marks, mark);
    pyj_marks_unlock(&pcm->marks);
    return there;
}

void pyj_pcm_detect_speech(pyj_pcm *pcm, unsigned level, uint64_t begin, uint64_t end)
{
    pyj_speech_set(&pcm->speech, level, begin, end);
    /* Off, it ends what is being waited for. */
    pyj_pcm_moved(pcm);
}

uint64_t pyj_pcm_speech_edges(const pyj_pcm *pcm, uint64_t *place)
{
    uint64_t edges;

    do {
        edges = pyj_speech_edges(&pcm->speech);
        *place = atomic_load(&pcm->speech.place);
    } while (edges != pyj_speech_edges(&pcm->speech));
    return edges;
}

static double full_scale(const _Atomic unsigned *level)
{
    return atomic_load_explicit(level, memory_order_relaxed) / 32768.0;
}

void pyj_pcm_get_stats(const pyj_pcm *pcm, pyj_pcm_stats *stats)
{
    uint64_t lost = atomic_load(&pcm->lost), gone = atomic_load(&pcm->in.taken), cleared;

    stats->played = get_played(pcm, &cleared);
    stats->cleared = cleared;
    stats->written = atomic_load(&pcm->out.put);
    stats->read = gone > lost ? gone - lost : 0;
    stats->received = atomic_load(&pcm->in.put);
    stats->lost = lost;
    stats->frames = atomic_load(&pcm->frames);
    stats->underruns = atomic_load(&pcm->underruns);
    stats->overruns = atomic_load(&pcm->overruns);
    uint64_t pulled_at = atomic_load(&pcm->pulled_at), ticks = atomic_load(&pcm->ticks);
    stats->clock_ms = (double)(ticks * pcm->ptime);
    stats->unheard_ms = (double)((ticks > pulled_at ? ticks - pulled_at : 0) * pcm->ptime);
    stats->level_out = full_scale(&pcm->rms_out);
    stats->peak_out = full_scale(&pcm->peak_out);
    stats->level_in = full_scale(&pcm->rms_in);
    stats->peak_in = full_scale(&pcm->peak_in);
    stats->late_p50_ms = pyj_lateness_share_ms(&pcm->lateness, 0.5);
    stats->late_p99_ms = pyj_lateness_share_ms(&pcm->lateness, 0.99);
    stats->late_max_ms = (double)atomic_load(&pcm->lateness.worst_us) / 1000;
}

uint64_t pyj_pcm_ticks(void)
{
    return atomic_load(&bridge_ticks);
}

void pyj_pcm_census(uint64_t *made_so_far, uint64_t *destroyed_so_far)
{
    *destroyed_so_far = atomic_load(&destroyed);
    *made_so_far = atomic_load(&made);
}
