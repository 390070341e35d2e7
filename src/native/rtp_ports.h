/* Ports for media: pjsua tries a hundred pairs from where its account has come to, with an error in the log for each
 * that is taken, and then refuses the call. */
#ifndef PYJ_RTP_PORTS_H
#define PYJ_RTP_PORTS_H

#include <pjsua-lib/pjsua.h>

/* Before a call of the account is made: has pjsua begin at a pair that is free, if there is one. */
void pyj_rtp_ports_seek(pjsua_acc_id id);
/* The same before one comes in. */
void pyj_rtp_ports_incoming(const pjsip_rx_data *rdata, pjsua_acc_id id);

#endif
