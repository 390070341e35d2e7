#include "gate.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#include <pjsua-lib/pjsua.h>
#include <pjsua-lib/pjsua_internal.h>

#include "challenges.h"
#include "held.h"
#include "held_decisions.h"
#include "hooks.h"
#include "im_answers.h"
#include "ids.h"
#include "log.h"
#include "media_info.h"
#include "pcm.h"
#include "modules.h"
#include "native_port.h"
#include "network.h"
#include "notifier.h"
#include "overload.h"
#include "queue.h"
#include "regc_leaving.h"
#include "requests.h"
#include "stereo.h"
#include "stun_wait.h"
#include "subscriptions.h"
#include "timers.h"
#include "tone.h"

#define THIS_FILE "gate.c"

static struct {
    _Atomic int open;
    _Atomic int entrants;
    _Atomic int forked;
    _Atomic uint32_t epoch;
    pthread_mutex_t life;  /* one create, init, start or destroy at a time */
    pthread_mutex_t mutex; /* guards `left` */
    pthread_cond_t left;
} gate = {.life = PTHREAD_MUTEX_INITIALIZER, .mutex = PTHREAD_MUTEX_INITIALIZER, .left = PTHREAD_COND_INITIALIZER};

static _Thread_local pj_thread_desc thread_desc;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void in_child(void)
{
    /* Whoever held the lock of the life cycle is not here to let go of it: half a library is one too. */
    int free_to_create = !pthread_mutex_trylock(&gate.life);

    if (free_to_create)
        pthread_mutex_unlock(&gate.life);
    if (!free_to_create || atomic_load(&gate.open) || pjsua_var.state != PJSUA_STATE_NULL)
        atomic_store(&gate.forked, 1);
    pyj_queue_forked();
}

static pj_str_t errno_text(pj_status_t status, char *buf, pj_size_t size)
{
    static const struct {
        pj_status_t status;
        const char *text;
    } texts[] = {
        {PYJ_EFORKED, "This process was forked from one that runs PJSIP (PYJ_EFORKED)"},
        {PYJ_ESTATE, "The library is not in a state for this (PYJ_ESTATE)"},
        {PYJ_ESTALE, "There is none, or it has gone (PYJ_ESTALE)"},
        {PYJ_ETHREAD, "Not from a thread of PJSIP (PYJ_ETHREAD)"},
        {PYJ_EHOOK, "Not from a hook, which PJSIP waits for (PYJ_EHOOK)"},
        {PYJ_ENOCLOCK, "The bridge has no clock: no sound device runs, nor the null device (PYJ_ENOCLOCK)"},
        {PYJ_EUNHEARD, "Nobody listens to the port (PYJ_EUNHEARD)"},
    };
    const char *text = "Unknown pyjsua error";
    pj_str_t out;

    for (size_t i = 0; i < PJ_ARRAY_SIZE(texts); i++)
        if (texts[i].status == status)
            text = texts[i].text;
    pj_ansi_strxcpy(buf, text, size);
    out.ptr = buf;
    out.slen = (pj_ssize_t)strlen(buf);
    return out;
}

pj_str_t pyj_strerror(pj_status_t status, char *buf, pj_size_t size)
{
    if (status >= PYJ_ERRNO_START && status < PYJ_ERRNO_START + PJ_ERRNO_SPACE_SIZE)
        return errno_text(status, buf, size);
    return pj_strerror(status, buf, size);
}

static void watch_forks(void)
{
#ifdef _WIN32
    (void)in_child; /* nothing forks there */
#else
    pthread_atfork(NULL, NULL, in_child);
#endif
}

/* PJSIP itself is asked, since its thread key dies with pj_shutdown. */
static pj_status_t register_thread(void)
{
    pj_thread_t *thread;

    if (pj_thread_is_registered())
        return PJ_SUCCESS;
    memset(thread_desc, 0, sizeof(thread_desc));
    return pj_thread_register("python", thread_desc, &thread);
}

static void leave(void)
{
    if (atomic_fetch_sub(&gate.entrants, 1) == 1 && !atomic_load(&gate.open)) {
        pthread_mutex_lock(&gate.mutex);
        pthread_cond_broadcast(&gate.left);
        pthread_mutex_unlock(&gate.mutex);
    }
}

pj_status_t pyj_enter(pjsua_state at_least)
{
    pj_status_t status;

    if (atomic_load(&gate.forked))
        return PYJ_EFORKED;
    if (pyj_in_hook())
        return PYJ_EHOOK;
    atomic_fetch_add(&gate.entrants, 1);
    if (!atomic_load(&gate.open) || pjsua_var.state < at_least || pjsua_var.state > PJSUA_STATE_RUNNING) {
        leave();
        return PYJ_ESTATE;
    }
    status = register_thread();
    if (status != PJ_SUCCESS)
        leave();
    else
        pyj_log_forget_error();
    return status;
}

void pyj_leave(void)
{
    leave();
}

static void close_gate(void)
{
    atomic_store(&gate.open, 0);
    pthread_mutex_lock(&gate.mutex);
    while (atomic_load(&gate.entrants)) {
        struct timespec soon;

        /* Somebody inside may be waiting for a STUN server, seconds for each. */
        if (pj_thread_is_registered())
            pyj_network_interrupt();
        clock_gettime(CLOCK_REALTIME, &soon);
        soon.tv_nsec += 20 * 1000000;
        if (soon.tv_nsec >= 1000000000) {
            soon.tv_sec++;
            soon.tv_nsec -= 1000000000;
        }
        pthread_cond_timedwait(&gate.left, &gate.mutex, &soon);
    }
    pthread_mutex_unlock(&gate.mutex);
}

static pj_status_t create(void)
{
    pj_status_t status;

    pyj_log_install();
    pyj_ids_reset();
    pyj_challenges_open();
    pyj_im_answers_open();
    pyj_held_open();
    pyj_stun_wait_open();
    pyj_admission_open();
    /* pjsua_handle_ip_change sets it for 32 seconds, by a timer that does not outlive the library. */
    pjsip_cfg()->endpt.keep_inv_after_tsx_timeout = PJ_FALSE;
    status = pjsua_create();
    if (status == PJ_SUCCESS) {
        pj_register_strerror(PYJ_ERRNO_START, PJ_ERRNO_SPACE_SIZE, errno_text);
        atomic_store(&gate.open, 1);
    }
    return status;
}

/* A fork has the lock as it was, perhaps held by a thread that it has not; who destroys may be waiting for a hook. */
static pj_status_t lock_life(void)
{
    if (atomic_load(&gate.forked))
        return PYJ_EFORKED;
    if (pyj_in_hook())
        return PYJ_EHOOK;
    pthread_mutex_lock(&gate.life);
    return PJ_SUCCESS;
}

pj_status_t pyj_create(void)
{
    pj_status_t status = lock_life();

    if (status != PJ_SUCCESS)
        return status;
    if (pjsua_var.state != PJSUA_STATE_NULL) {
        status = PYJ_ESTATE;
    } else {
        pthread_once(&once, watch_forks);
        if (pyj_queue_init()) {
            pthread_mutex_unlock(&gate.life);
            return PJ_ENOMEM;
        }
        pyj_log_forget_error();
        atomic_fetch_add(&gate.epoch, 1);
        status = create();
    }
    pthread_mutex_unlock(&gate.life);
    return status;
}

static pj_status_t init(const pjsua_config *ua, const pjsua_logging_config *log, const pjsua_media_config *media)
{
    pj_status_t status = pjsua_init(ua, log, media);

    pyj_log_take_over();
    if (status == PJ_SUCCESS)
        status = pyj_modules_register(pjsua_var.endpt);
    /* Slot 0 is a null device with a clock of its own until a real one is asked for. */
    if (status == PJ_SUCCESS)
        status = pjsua_set_snd_dev(PJSUA_SND_NULL_DEV, PJSUA_SND_NULL_DEV);
    return status;
}

/* Entered with the life-cycle lock held, never the other way round: destroy holds it while it waits
 * for everybody to leave. */
pj_status_t pyj_init(const pjsua_config *ua, const pjsua_logging_config *log, const pjsua_media_config *media)
{
    pj_status_t status = lock_life();

    if (status != PJ_SUCCESS)
        return status;
    status = pyj_enter(PJSUA_STATE_CREATED);
    if (status == PJ_SUCCESS) {
        int first = pjsua_var.state == PJSUA_STATE_CREATED;

        status = first ? init(ua, log, media) : PYJ_ESTATE;
        pyj_leave();
        /* A pjsua_init that failed leaves half its modules behind, and the next would stumble over them. */
        if (first && status != PJ_SUCCESS) {
            close_gate();
            pjsua_destroy2(PJSUA_DESTROY_NO_NETWORK);
            create();
        }
    }
    pthread_mutex_unlock(&gate.life);
    return status;
}

pj_status_t pyj_start(void)
{
    pj_status_t status = lock_life();

    if (status != PJ_SUCCESS)
        return status;
    status = pyj_enter(PJSUA_STATE_INIT);
    if (status == PJ_SUCCESS) {
        status = pjsua_var.state == PJSUA_STATE_INIT ? pjsua_start() : PYJ_ESTATE;
        pyj_leave();
    }
    pthread_mutex_unlock(&gate.life);
    return status;
}

/* Asks every registered account to unregister; how many have not been answered yet. An account whose
 * REGISTER is still under way is busy and asked again in the next round. */
static unsigned unregister_all(char asked[PJSUA_MAX_ACC])
{
    unsigned waiting = 0;

    for (unsigned i = 0; i < PJSUA_MAX_ACC; i++) {
        pj_status_t status;

        if (!pjsua_var.acc[i].valid || !pjsua_var.acc[i].regc)
            continue;
        if (!asked[i]) {
            pyj_log_mute_errors(1);
            status = pjsua_acc_set_registration((pjsua_acc_id)i, PJ_FALSE);
            pyj_log_mute_errors(0);
            if (status != PJSIP_EBUSY)
                asked[i] = status == PJ_SUCCESS ? 1 : 2;
            if (asked[i] == 2)
                PJ_PERROR(2, (THIS_FILE, status, "Account %u was not unregistered", i));
        }
        if (asked[i] != 2)
            waiting++;
    }
    return waiting;
}

/* pjsua_destroy sleeps a second at least; waiting here for what it waits for lets it skip that. */
static void say_goodbye(unsigned wait_ms)
{
    uint64_t end = pyj_now_ns() + (uint64_t)wait_ms * 1000000u;
    char asked[PJSUA_MAX_ACC] = {0};

    if (pjsua_var.state != PJSUA_STATE_RUNNING)
        return;
    pjsua_call_hangup_all();
    pyj_subscriptions_end(0);
    pyj_subscribers_end(0);
    while (unregister_all(asked) + pyj_regc_leaving() + pjsua_call_get_count() + pyj_subscriptions_count()
           && pyj_now_ns() < end) {
        if (pjsua_var.thread[0])
            pj_thread_sleep(5);
        else
            pjsua_handle_events(5);
    }
}

static int in_worker(void)
{
    for (unsigned i = 0; i < PJ_ARRAY_SIZE(pjsua_var.thread); i++)
        if (pjsua_var.thread[i] && pjsua_var.thread[i] == pj_thread_this())
            return 1;
    return 0;
}

pj_status_t pyj_stop_worker_threads(void)
{
    pj_status_t status = lock_life();

    if (status != PJ_SUCCESS)
        return status;
    status = pyj_enter(PJSUA_STATE_INIT);
    if (status == PJ_SUCCESS) {
        /* It would wait for itself. */
        if (in_worker())
            status = PYJ_ETHREAD;
        else
            pjsua_stop_worker_threads();
        pyj_leave();
    }
    pthread_mutex_unlock(&gate.life);
    return status;
}

pj_status_t pyj_reconfigure_logging(const pjsua_logging_config *cfg)
{
    pj_status_t status = lock_life();

    if (status != PJ_SUCCESS)
        return status;
    status = pyj_enter(PJSUA_STATE_INIT);
    if (status == PJ_SUCCESS) {
        status = pyj_log_reconfigure(cfg);
        pyj_leave();
    }
    pthread_mutex_unlock(&gate.life);
    return status;
}

pj_status_t pyj_destroy(unsigned flags, unsigned wait_ms)
{
    pj_status_t status = lock_life();

    if (status != PJ_SUCCESS)
        return status;
    if (pjsua_var.state != PJSUA_STATE_NULL) {
        pyj_hooks_close();
        status = register_thread();
        close_gate();
        if (status == PJ_SUCCESS) {
            pyj_log_forget_error();
            if (pjsua_var.state >= PJSUA_STATE_INIT) {
                pyj_challenges_close();
                pyj_im_answers_close(!(flags & PJSUA_DESTROY_NO_TX_MSG));
                pyj_held_shut();
                pyj_held_decisions_close(!(flags & PJSUA_DESTROY_NO_TX_MSG));
                pyj_codec_params_restore();
            }
            if (!(flags & PJSUA_DESTROY_NO_TX_MSG))
                say_goodbye(wait_ms);
            /* What is forgotten from here on none of PJSIP's threads finds anew. */
            pjsua_stop_worker_threads();
            pyj_subscriptions_close();
            pyj_notifier_close();
            pyj_challenges_drop();
            pyj_stun_wait_close();
            pyj_held_close();
            pyj_pcm_detach_all();
            pyj_stereo_detach_all();
            pyj_tonegens_destroy();
            pyj_native_ports_remove();
            status = pjsua_destroy2(flags | PJSUA_DESTROY_NO_RX_MSG);
            pyj_regc_leaving_reset();
            pyj_ids_reset();
            pyj_timers_clear();
            pyj_requests_clear();
        }
    }
    pthread_mutex_unlock(&gate.life);
    return status;
}

pjsua_state pyj_state(void)
{
    return atomic_load(&gate.forked) ? PJSUA_STATE_NULL : pjsua_var.state;
}

uint32_t pyj_epoch(void)
{
    return atomic_load(&gate.epoch);
}

int pyj_forked(void)
{
    return atomic_load(&gate.forked);
}

int pyj_entrants(void)
{
    return atomic_load(&gate.entrants);
}
