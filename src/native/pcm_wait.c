#include "pcm_wait.h"

#include <errno.h>
#include <pthread.h>

#include "pcm_port.h"
#include "queue.h"
#include "wake.h"

#define NOTHING UINT64_MAX

static int reached(const pyj_pcm *pcm, pyj_pcm_what what, uint64_t count)
{
    switch (what) {
    case PYJ_PCM_ROOM:
        return pyj_ring_room(&pcm->out) >= count;
    case PYJ_PCM_READABLE:
        return pyj_ring_count(&pcm->in) >= count;
    case PYJ_PCM_SPEECH:
        return pyj_speech_edges(&pcm->speech) >= count;
    default:
        return atomic_load(&pcm->out.taken) >= count;
    }
}

static _Atomic(pyj_pcm *) ready;
static pyj_wake ready_wake = PYJ_WAKE_CLOSED;
static pthread_once_t ready_once = PTHREAD_ONCE_INIT;
static int ready_error;

static void make_ready_fd(void)
{
    if (pyj_wake_open(&ready_wake))
        ready_error = errno;
}

int pyj_pcm_ready_fd(void)
{
    pthread_once(&ready_once, make_ready_fd);
    errno = ready_error;
    return ready_wake.read_fd;
}

static void make_ready(pyj_pcm *pcm)
{
    pyj_pcm *first;

    if (atomic_exchange(&pcm->ready, 1))
        return;
    pyj_pcm_ref(pcm);
    first = atomic_load(&ready);
    do
        pcm->next_ready = first;
    while (!atomic_compare_exchange_weak(&ready, &first, pcm));
    /* Whoever finds the list empty wakes who reads it: one write for all ports of a tick. */
    if (!first)
        pyj_wake_write(&ready_wake);
}

pyj_pcm *pyj_pcm_ready(void)
{
    pyj_wake_read(&ready_wake);
    return atomic_exchange(&ready, NULL);
}

pyj_pcm *pyj_pcm_next_ready(pyj_pcm *pcm, int *slot, uint64_t *serial)
{
    pyj_pcm *next = pcm->next_ready;

    *slot = pcm->id.id;
    *serial = pcm->id.serial;
    atomic_store(&pcm->ready, 0);
    return next;
}

void pyj_pcm_tell(pyj_pcm *pcm)
{
    atomic_fetch_add(&pcm->moves, 1);
    if (atomic_load(&pcm->sleepers))
        pyj_unpark(&pcm->moves);
    if (atomic_load(&pcm->asked))
        make_ready(pcm);
}

void pyj_pcm_moved(pyj_pcm *pcm)
{
    int tell = 0;

    /* Either this sees what they want, or they see what has moved. */
    atomic_thread_fence(memory_order_seq_cst);
    for (int what = 0; what < PYJ_PCM_WHATS; what++) {
        uint64_t count = atomic_load_explicit(&pcm->wanted[what], memory_order_relaxed);

        if (count != NOTHING && reached(pcm, (pyj_pcm_what)what, count)) {
            atomic_store(&pcm->wanted[what], NOTHING);
            tell = 1;
        }
    }
    if (tell)
        pyj_pcm_tell(pcm);
}

static void want(pyj_pcm *pcm, pyj_pcm_what what, uint64_t count)
{
    uint64_t now = atomic_load(&pcm->wanted[what]);

    while (count < now && !atomic_compare_exchange_weak(&pcm->wanted[what], &now, count))
        ;
    atomic_thread_fence(memory_order_seq_cst);
}

int pyj_pcm_ask(pyj_pcm *pcm, pyj_pcm_what what, uint64_t count)
{
    pyj_pcm_ready_fd();
    if (reached(pcm, what, count))
        return 1;
    atomic_store(&pcm->asked, 1);
    want(pcm, what, count);
    return reached(pcm, what, count);
}

void pyj_pcm_wait_begin(const pyj_pcm *pcm, pyj_pcm_patience *patience)
{
    patience->ticks = atomic_load(&pcm->ticks);
    patience->seen = pyj_pcm_ticks();
    patience->looks = 0;
}

/* A look at the clock, PYJ_PCM_LOOK_MS after the last: 0 if there is hope. */
static int look(const pyj_pcm *pcm, pyj_pcm_what what, pyj_pcm_patience *patience)
{
    uint64_t seen = pyj_pcm_ticks(), began, pulled_at, ticks;

    if (seen == patience->seen)
        return ++patience->looks >= PYJ_PCM_LOOKS ? PYJ_PCM_NO_CLOCK : 0;
    patience->seen = seen;
    patience->looks = 0;
    if (what != PYJ_PCM_PLAYED)
        return 0;
    pulled_at = atomic_load(&pcm->pulled_at);
    ticks = atomic_load(&pcm->ticks);
    began = pulled_at > patience->ticks ? pulled_at : patience->ticks;
    /* A frame is pulled before its tick is counted. */
    return ticks > began && (ticks - began) * pcm->ptime > PYJ_PCM_UNHEARD_MS ? PYJ_PCM_UNHEARD : 0;
}

int pyj_pcm_wait(pyj_pcm *pcm, pyj_pcm_what what, uint64_t count, int timeout_ms, pyj_pcm_patience *patience)
{
    uint64_t end = pyj_now_ns() + (uint64_t)timeout_ms * 1000000u;
    int outcome;

    atomic_fetch_add(&pcm->sleepers, 1);
    for (;;) {
        uint32_t seen = atomic_load(&pcm->moves);
        uint64_t now;

        want(pcm, what, count);
        if (reached(pcm, what, count)) {
            outcome = 1;
            break;
        }
        if (atomic_load(&pcm->slot) < 0) {
            outcome = PYJ_PCM_GONE;
            break;
        }
        now = pyj_now_ns();
        if (now >= end) {
            outcome = timeout_ms >= PYJ_PCM_LOOK_MS ? look(pcm, what, patience) : 0;
            break;
        }
        pyj_park(&pcm->moves, seen, end - now);
    }
    atomic_fetch_sub(&pcm->sleepers, 1);
    return outcome;
}
