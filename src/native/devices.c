#include "devices.h"

#include <pthread.h>
#include <stdint.h>

#include <pj/log.h>

#include "alsa_loader.h"
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
