/* Presence documents PJSIP would fall over. */
#ifndef PYJ_PIDF_H
#define PYJ_PIDF_H

#include <pjsip.h>

/* Refuses, with 400, a NOTIFY whose PIDF document has a tuple without the id RFC 3863 demands: PJSIP reads it
 * unasked (pjpidf_tuple_get_id). */
pj_status_t pyj_pidf_register(pjsip_endpoint *endpt);

#endif
