/* Sound devices on demand. */
#ifndef PYJ_DEVICES_H
#define PYJ_DEVICES_H

#include <pjsua-lib/pjsua.h>

#include "structs.h"

/* Loads the sound system and hands its devices to PJMEDIA, once per create; any thread. A machine without
 * one has no devices: the reason goes to the log and the answer is PJ_SUCCESS. */
pj_status_t pyj_devices_load(void);
/* pjsua_snd_get_setting, PJ_EINVALIDOP before the first device was opened. */
pj_status_t pyj_devices_get_setting(pjmedia_aud_dev_cap cap, void *value);
/* pjsua_get_ec_stat, packed while the device is held. */
pj_status_t pyj_devices_pack_echo(const pyj_struct *shape, void **block);

#endif
