#include "devices.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <pj/log.h>
#include <pjsua-lib/pjsua_internal.h>

#include "alsa_loader.h"
#include "decisions.h"
#include "events.h"
#include "gate.h"

#define THIS_FILE "devices.c"

/* PJMEDIA's list of devices has no lock. Taken before PJSUA_LOCK, never after: enumeration opens every device there
 * is, and signalling goes on meanwhile. A device that pjsua opens by itself (SndDevMode.NO_IMMEDIATE_OPEN) may find
 * the list half made, and fails then, as for a device that is not there. */
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

/* Goes up with every device slot 0 gets or loses. */
static atomic_uintptr_t generation;

static pj_status_t load(void)
{
    static uint32_t loaded_epoch;
    pj_status_t status = PJ_SUCCESS;
    const char *why = "";

    if (loaded_epoch != pyj_epoch()) {
        if (pyj_alsa_load(&why))
            PJ_LOG(3, (THIS_FILE, "No sound devices: %s", why));
        else
            status = pjmedia_aud_register_factory(&pyj_alsa_factory);
        if (status == PJ_SUCCESS)
            loaded_epoch = pyj_epoch();
    }
    return status;
}

pj_status_t pyj_devices_list(pjmedia_aud_dev_info **infos, unsigned *count)
{
    pj_status_t status;

    *infos = NULL;
    *count = 0;
    pthread_mutex_lock(&mutex);
    status = load();
    if (status == PJ_SUCCESS) {
        *count = pjmedia_aud_dev_count();
        *infos = calloc(*count + 1, sizeof(**infos));
        status = *infos ? pjsua_enum_aud_devs(*infos, count) : PJ_ENOMEM;
    }
    pthread_mutex_unlock(&mutex);
    return status;
}

pj_status_t pyj_devices_list_snd(pjmedia_snd_dev_info **infos, unsigned *count)
{
    pj_status_t status;

    *infos = NULL;
    *count = 0;
    pthread_mutex_lock(&mutex);
    status = load();
    if (status == PJ_SUCCESS) {
        *count = pjmedia_aud_dev_count();
        *infos = calloc(*count + 1, sizeof(**infos));
        status = *infos ? pjsua_enum_snd_devs(*infos, count) : PJ_ENOMEM;
    }
    pthread_mutex_unlock(&mutex);
    return status;
}

/* PJMEDIA takes an index for what it is, and reads beyond its table. */
static int exists(int id)
{
    return (0 <= id && id < (int)pjmedia_aud_dev_count()) || id == PJMEDIA_AUD_DEFAULT_CAPTURE_DEV
           || id == PJMEDIA_AUD_DEFAULT_PLAYBACK_DEV || id == PJMEDIA_AUD_INVALID_DEV || id == PJSUA_SND_NULL_DEV;
}

/* Whether the devices in use were opened with other latencies than are wanted. Under PJSUA_LOCK. */
static int outdated;

static pj_status_t open_held(const pjsua_snd_dev_param *param)
{
    pjsua_snd_dev_param before;
    pj_status_t status, again = PJ_EINVALIDOP;
    int was_real;

    if (!exists(param->capture_dev) || !exists(param->playback_dev))
        return PJMEDIA_EAUD_INVDEV;
    /* One step for everybody else: a device that is lost meanwhile is not taken for the new one. */
    PJSUA_LOCK();
    pjsua_snd_dev_param_default(&before);
    pjsua_get_snd_dev2(&before);
    was_real = pjsua_var.snd_port != NULL;
    /* pjsua leaves alone what is open already; no index of a device is that number. */
    if (outdated && was_real)
        pjsua_var.cap_dev = PJMEDIA_AUD_DEV_MAX_DEVS;
    status = pjsua_set_snd_dev2(param);
    if (status == PJ_SUCCESS)
        outdated = 0;
    else if (pjsua_var.cap_dev == PJMEDIA_AUD_DEV_MAX_DEVS)
        pjsua_var.cap_dev = before.capture_dev;
    if (status != PJ_SUCCESS && !pjsua_var.snd_port && !pjsua_var.null_snd) {
        if (was_real) {
            before.mode &= ~(unsigned)PJSUA_SND_DEV_NO_IMMEDIATE_OPEN;
            again = pjsua_set_snd_dev2(&before);
        }
        if (again != PJ_SUCCESS)
            pjsua_set_null_snd_dev();
    }
    PJSUA_UNLOCK();
    return status;
}

pj_status_t pyj_devices_open(const pjsua_snd_dev_param *param)
{
    /* The null device is there without a sound system. */
    int real = param->capture_dev > PJSUA_SND_NULL_DEV && param->playback_dev > PJSUA_SND_NULL_DEV;
    pj_status_t status;

    pthread_mutex_lock(&mutex);
    status = real ? load() : PJ_SUCCESS;
    if (status == PJ_SUCCESS)
        status = open_held(param);
    pthread_mutex_unlock(&mutex);
    return status;
}

pj_status_t pyj_devices_open_pair(int capture, int playback)
{
    pjsua_snd_dev_param param;

    pjsua_snd_dev_param_default(&param);
    pjsua_get_snd_dev2(&param);
    param.capture_dev = capture;
    param.playback_dev = playback;
    param.mode &= ~(unsigned)PJSUA_SND_DEV_NO_IMMEDIATE_OPEN;
    return pyj_devices_open(&param);
}

static int index_of(const pjmedia_aud_dev_info *wanted)
{
    pjmedia_aud_dev_info info;

    for (int i = 0; i < (int)pjmedia_aud_dev_count(); i++) {
        if (pjmedia_aud_dev_get_info(i, &info) == PJ_SUCCESS && strcmp(info.name, wanted->name) == 0
            && strcmp(info.driver, wanted->driver) == 0)
            return i;
    }
    return PJSUA_SND_NO_DEV;
}

pj_status_t pyj_devices_refresh(void)
{
    pjmedia_aud_dev_info capture, playback;
    int had_capture = 0, had_playback = 0;
    uintptr_t seen;
    pj_status_t status;

    pthread_mutex_lock(&mutex);
    status = load();
    if (status == PJ_SUCCESS) {
        PJSUA_LOCK();
        if (pjsua_var.cap_dev >= 0)
            had_capture = pjmedia_aud_dev_get_info(pjsua_var.cap_dev, &capture) == PJ_SUCCESS;
        if (pjsua_var.play_dev >= 0)
            had_playback = pjmedia_aud_dev_get_info(pjsua_var.play_dev, &playback) == PJ_SUCCESS;
        seen = atomic_load(&generation);
        PJSUA_UNLOCK();
        status = pjmedia_aud_dev_refresh();
        PJSUA_LOCK();
        if (seen == atomic_load(&generation)) {
            if (had_capture)
                pjsua_var.cap_dev = index_of(&capture);
            if (had_playback)
                pjsua_var.play_dev = index_of(&playback);
        }
        PJSUA_UNLOCK();
    }
    pthread_mutex_unlock(&mutex);
    return status;
}

/* In one of pjsua's worker threads: whoever closes a device waits for the thread that told of its end. */
static void replace_lost(void *seen)
{
    PJSUA_LOCK();
    if ((uintptr_t)seen == atomic_load(&generation) && pjsua_var.snd_port) {
        PJ_LOG(2, (THIS_FILE, "The sound device stopped: the null device takes its place"));
        pjsua_set_null_snd_dev();
    }
    PJSUA_UNLOCK();
}

void pyj_devices_on_event(const pjmedia_event *event)
{
    if (event->type == PJMEDIA_EVENT_AUD_DEV_ERROR && pyj_policies.null_dev_on_error)
        pjsua_schedule_timer2(&replace_lost, (void *)atomic_load(&generation), 0);
}

void pyj_devices_on_change(void)
{
    atomic_fetch_add(&generation, 1);
}

/* pjsua opens every device with the latencies of its media_cfg, whatever is kept of the settings. */
pj_status_t pyj_devices_set_setting(pjmedia_aud_dev_cap cap, const unsigned *value, pj_bool_t keep)
{
    int latency = cap == PJMEDIA_AUD_DEV_CAP_INPUT_LATENCY || cap == PJMEDIA_AUD_DEV_CAP_OUTPUT_LATENCY;
    pj_status_t status;

    PJSUA_LOCK();
    status = pjsua_snd_set_setting(cap, value, keep);
    if (latency && keep && (status == PJ_SUCCESS || status == PJMEDIA_EAUD_INVCAP)) {
        if (cap == PJMEDIA_AUD_DEV_CAP_INPUT_LATENCY)
            pjsua_var.media_cfg.snd_rec_latency = *value;
        else
            pjsua_var.media_cfg.snd_play_latency = *value;
        outdated = status != PJ_SUCCESS;
        status = pjmedia_aud_param_set_cap(&pjsua_var.aud_param, cap, value);
    }
    PJSUA_UNLOCK();
    return status;
}

/* pjsua opens a device to ask it, and closes what is open after it: with the null device goes the clock of the
 * bridge, in the middle of a call too. */
pj_status_t pyj_devices_get_setting(pjmedia_aud_dev_cap cap, void *value)
{
    pj_status_t status = PJ_EINVALIDOP;

    PJSUA_LOCK();
    if (pjsua_var.snd_port || pjsua_var.aud_open_cnt)
        status = pjsua_snd_get_setting(cap, value);
    PJSUA_UNLOCK();
    return status;
}

pj_status_t pyj_devices_pack_echo(const pyj_struct *shape, void **block)
{
    pjmedia_echo_stat stat;
    pyj_echo_stat out;
    pj_status_t status;

    PJSUA_LOCK();
    status = pjsua_get_ec_stat(&stat);
    if (status == PJ_SUCCESS) {
        out.name = pj_str((char *)(stat.name ? stat.name : ""));
        out.delay = stat.delay;
        out.return_loss = stat.return_loss;
        out.return_loss_enh = stat.return_loss_enh;
        out.std = stat.std;
        out.frac_delay = stat.frac_delay;
        out.learning = stat.learning;
        out.duration = stat.duration;
        out.tail = stat.tail;
        out.min_factor = stat.min_factor;
        out.avg_factor = stat.avg_factor;
        out.stat_info = stat.stat_info;
        *block = pyj_pack_new(shape, &out);
    }
    PJSUA_UNLOCK();
    return status;
}
