/* What a TLS connection says of itself. */
#ifndef PYJ_TLS_H
#define PYJ_TLS_H

#include <pjsua-lib/pjsua.h>

#include "events.h"

/* Points into the transport's memory; all zero for a transport without TLS. */
void pyj_tls_describe(const pjsip_transport *tp, const pjsip_transport_state_info *info, pyj_tls_info *out);

#endif
