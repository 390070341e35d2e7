/* Sound devices on demand. */
#ifndef PYJ_DEVICES_H
#define PYJ_DEVICES_H

#include <pjsua-lib/pjsua.h>

#include "structs.h"

/* What needs devices loads the sound system and hands its devices to PJMEDIA, once per create; any thread. A
 * machine without one has no devices: the reason goes to the log and the answer is PJ_SUCCESS. */

/* pjsua_set_snd_dev2. What was open before is open again where it fails, or else the null device; an index
 * that is none changes nothing. */
pj_status_t pyj_devices_open(const pjsua_snd_dev_param *param);
/* pjsua_set_snd_dev: the same in the mode there is, opened at once. */
pj_status_t pyj_devices_open_pair(int capture, int playback);
/* Looks for devices anew; those in use keep running, and their indexes follow them. */
pj_status_t pyj_devices_refresh(void);
/* Every device, malloced, *count of them; the list cannot change meanwhile. */
pj_status_t pyj_devices_list(pjmedia_aud_dev_info **infos, unsigned *count);
pj_status_t pyj_devices_list_snd(pjmedia_snd_dev_info **infos, unsigned *count);

/* What PJMEDIA tells of the device, in the device's own thread: one that stopped is replaced by the null device,
 * unless the policy says otherwise. No PJSUA lock is taken. */
void pyj_devices_on_event(const pjmedia_event *event);
/* Slot 0 gets another device, under PJSUA_LOCK. */
void pyj_devices_on_change(void);

/* pjsua_snd_set_setting; a latency that is kept counts for what is opened next, also where the device that is
 * open cannot change it. */
pj_status_t pyj_devices_set_setting(pjmedia_aud_dev_cap cap, const unsigned *value, pj_bool_t keep);
/* pjsua_snd_get_setting, PJ_EINVALIDOP before the first device was opened. */
pj_status_t pyj_devices_get_setting(pjmedia_aud_dev_cap cap, void *value);
/* pjsua_get_ec_stat, packed while the device is held. */
pj_status_t pyj_devices_pack_echo(const pyj_struct *shape, void **block);

#endif
