/* Checking what shall be called before PJSIP calls it. */
#ifndef PYJ_URI_H
#define PYJ_URI_H

#include <pj/types.h>

/* PJ_SUCCESS if `text` is a sip or sips URI, bare or as a name-addr; PJSIP_EINVALIDURI if not. The caller
 * has entered. pjsua_verify_sip_url gives a URI one pool of 1024 bytes that cannot grow: a longer one ends the
 * process there, and one with many parameters is called invalid. */
pj_status_t pyj_verify_sip_uri(const pj_str_t *text);

/* The same for a URI of any scheme PJSIP parses, tel and others too. */
pj_status_t pyj_verify_uri(const pj_str_t *text);

#endif
