/* ALSA found at run time: the package works on a machine without libasound, and no device is opened or
 * enumerated until somebody asks for one. */
#ifndef PYJ_ALSA_LOADER_H
#define PYJ_ALSA_LOADER_H

#include <pjmedia_audiodev.h>

/* Loads libasound, once; any thread, any number of times. 0, or -1 with the reason in *why (static text,
 * `why` may be NULL). The first answer stays: a library installed later is seen by the next process. */
int pyj_alsa_load(const char **why);

/* For pjmedia_aud_register_factory(). NULL when libasound is not to be had: ask pyj_alsa_load() first. The
 * registration enumerates, which opens every device once for a moment and takes up to seconds; hold no lock
 * of PJSIP's. PJMEDIA destroys the factory in pjsua_destroy(). */
pjmedia_aud_dev_factory *pyj_alsa_factory(pj_pool_factory *pf);

#endif
