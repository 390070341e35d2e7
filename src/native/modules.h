/* Our pjsip_modules; tx_headers.c has one more.
 *
 * `wire` stands between the transports and everything else: it sees each message as it crosses the
 * wire. `ahead` stands before the transaction layer: it sees what PJSIP handles without telling pjsua,
 * and is where a request can be held back or refused before a call slot is taken. `behind` stands last, for requests
 * nobody has handled. */
#ifndef PYJ_MODULES_H
#define PYJ_MODULES_H

#include <pjsip.h>

pj_status_t pyj_modules_register(pjsip_endpoint *endpt);
/* Whose mod_data of a message is ours. */
int pyj_module_id(void);

#endif
