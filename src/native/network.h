/* STUN as programs ask for it. */
#ifndef PYJ_NETWORK_H
#define PYJ_NETWORK_H

#include <pjsua-lib/pjsua.h>

#include "emit.h"
#include "events.h"

/* Of pjsua_config.stun_srv, which network.c holds it against. */
enum { PYJ_STUN_SERVERS = 8 };

/* pjsua_resolve_stun_servers, whose result is an event. */
pj_status_t pyj_resolve_stun_servers(unsigned count, pj_str_t *srv, pj_bool_t wait, unsigned long token);

/* What a result says; its name lies behind the list of servers when none was any good. */
void pyj_stun_result(const pj_stun_resolve_result *result, char *buf, pj_size_t size,
                     pyj_on_stun_resolution_complete *out);

/* What a step of pjsua_handle_ip_change was about; info is a union, and NULL for COMPLETED. */
void pyj_ip_change_describe(pjsua_ip_change_op op, const pjsua_ip_change_op_info *info, pyj_about *about,
                            pyj_on_ip_change_progress *out);

/* Lets go those who wait for a STUN server, as far as that can be done without waiting oneself. */
void pyj_network_interrupt(void);

#endif
