#include "devices.h"

#include <pthread.h>
#include <stdint.h>

#include <pj/log.h>
#include <pjsua-lib/pjsua_internal.h>

#include "alsa_loader.h"
#include "events.h"
#include "gate.h"

#define THIS_FILE "devices.c"

pj_status_t pyj_devices_load(void)
{
    static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    static uint32_t loaded_epoch;
    pj_status_t status = PJ_SUCCESS;
    const char *why = "";

    pthread_mutex_lock(&mutex);
    if (loaded_epoch != pyj_epoch()) {
        if (pyj_alsa_load(&why))
            PJ_LOG(3, (THIS_FILE, "No sound devices: %s", why));
        else
            status = pjmedia_aud_register_factory(&pyj_alsa_factory);
        if (status == PJ_SUCCESS)
            loaded_epoch = pyj_epoch();
    }
    pthread_mutex_unlock(&mutex);
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
