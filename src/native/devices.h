/* Sound devices on demand. */
#ifndef PYJ_DEVICES_H
#define PYJ_DEVICES_H

#include <pj/types.h>

/* Loads the sound system and hands its devices to PJMEDIA, once per create; any thread. A machine without
 * one has no devices: the reason goes to the log and the answer is PJ_SUCCESS. */
pj_status_t pyj_devices_load(void);

#endif
