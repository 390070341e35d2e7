/* A SIP message copied once and shared by the events that tell of it. */
#ifndef PYJ_MESSAGE_H
#define PYJ_MESSAGE_H

#include <stdatomic.h>
#include <stdint.h>

#include <pjsip.h>

typedef struct pyj_message {
    _Atomic int refs;
    uint32_t len;
    uint8_t sent;          /* 1 when we sent it */
    char transport[12];    /* "UDP", "TLS", ... */
    char remote[PJ_INET6_ADDRSTRLEN + 10]; /* "192.0.2.1:5060", IPv6 in brackets */
    char local[PJ_INET6_ADDRSTRLEN + 10];
    char data[];
} pyj_message;

/* Copies; NULL when there is nothing to copy or no memory. The caller owns one reference. */
pyj_message *pyj_message_from_rdata(pjsip_rx_data *rdata);
pyj_message *pyj_message_from_tdata(pjsip_tx_data *tdata);
pyj_message *pyj_message_from_event(const pjsip_event *event);

/* One more owner; NULL stays NULL. */
pyj_message *pyj_message_share(pyj_message *message);
void pyj_message_release(pyj_message *message);

#endif
