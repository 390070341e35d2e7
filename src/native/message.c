#include "message.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static pyj_message *copy(const char *data, pj_ssize_t len)
{
    pyj_message *message;

    if (!data || len <= 0)
        return NULL;
    message = malloc(sizeof(*message) + (size_t)len);
    if (!message)
        return NULL;
    atomic_init(&message->refs, 1);
    message->len = (uint32_t)len;
    message->sent = 0;
    message->transport[0] = message->remote[0] = message->local[0] = '\0';
    memcpy(message->data, data, (size_t)len);
    return message;
}

static void describe(pyj_message *message, const pjsip_transport *transport)
{
    if (!transport)
        return;
    snprintf(message->transport, sizeof(message->transport), "%s", transport->type_name);
    if (pj_sockaddr_has_addr(&transport->local_addr) || transport->local_name.port)
        pj_sockaddr_print(&transport->local_addr, message->local, sizeof(message->local), 3);
}

pyj_message *pyj_message_from_rdata(pjsip_rx_data *rdata)
{
    pyj_message *message;

    if (!rdata)
        return NULL;
    message = copy(rdata->msg_info.msg_buf, rdata->msg_info.len);
    if (!message)
        return NULL;
    describe(message, rdata->tp_info.transport);
    if (rdata->pkt_info.src_addr_len)
        pj_sockaddr_print(&rdata->pkt_info.src_addr, message->remote, sizeof(message->remote), 3);
    return message;
}

pyj_message *pyj_message_from_tdata(pjsip_tx_data *tdata)
{
    pyj_message *message;

    if (!tdata || !tdata->buf.start)
        return NULL;
    message = copy(tdata->buf.start, tdata->buf.cur - tdata->buf.start);
    if (!message)
        return NULL;
    message->sent = 1;
    describe(message, tdata->tp_info.transport);
    if (tdata->tp_info.dst_addr_len)
        pj_sockaddr_print(&tdata->tp_info.dst_addr, message->remote, sizeof(message->remote), 3);
    return message;
}

pyj_message *pyj_message_from_event(const pjsip_event *event)
{
    if (!event)
        return NULL;
    switch (event->type) {
    case PJSIP_EVENT_RX_MSG:
        return pyj_message_from_rdata(event->body.rx_msg.rdata);
    case PJSIP_EVENT_TX_MSG:
        return pyj_message_from_tdata(event->body.tx_msg.tdata);
    case PJSIP_EVENT_TSX_STATE:
        if (event->body.tsx_state.type == PJSIP_EVENT_RX_MSG)
            return pyj_message_from_rdata(event->body.tsx_state.src.rdata);
        if (event->body.tsx_state.type == PJSIP_EVENT_TX_MSG)
            return pyj_message_from_tdata(event->body.tsx_state.src.tdata);
        return NULL;
    default:
        return NULL;
    }
}

pyj_message *pyj_message_share(pyj_message *message)
{
    if (message)
        atomic_fetch_add(&message->refs, 1);
    return message;
}

void pyj_message_release(pyj_message *message)
{
    if (message && atomic_fetch_sub(&message->refs, 1) == 1)
        free(message);
}
