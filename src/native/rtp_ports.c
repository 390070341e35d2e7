#include "rtp_ports.h"

#include <pjsua-lib/pjsua_internal.h>

enum { LAST = 65534 };

/* Whether a socket of the family, or the whole family is not to be had. */
static int can_bind(int family, const pj_str_t *host, int port)
{
    pj_sockaddr addr;
    pj_sock_t sock;
    int can;

    if (pj_sockaddr_init(family, &addr, NULL, (pj_uint16_t)port) != PJ_SUCCESS)
        return 1;
    if (host->slen && pj_sockaddr_set_str_addr(family, &addr, host) != PJ_SUCCESS)
        return 1;
    if (pj_sock_socket(family, pj_SOCK_DGRAM() | pj_SOCK_CLOEXEC(), 0, &sock) != PJ_SUCCESS)
        return 1;
    can = pj_sock_bind(sock, &addr, pj_sockaddr_get_len(&addr)) == PJ_SUCCESS;
    pj_sock_close(sock);
    return can;
}

static int is_free(const pjsua_acc_config *cfg, int port)
{
    const pj_str_t *host = &cfg->rtp_cfg.bound_addr;
    int six = cfg->ipv6_media_use != PJSUA_IPV6_DISABLED && (!host->slen || pj_strchr(host, ':'));
    int four = !pj_strchr(host, ':');

    for (int which = 0; which < 2; which++) {
        if (four && !can_bind(pj_AF_INET(), host, port + which))
            return 0;
        if (six && !can_bind(pj_AF_INET6(), host, port + which))
            return 0;
    }
    return 1;
}

void pyj_rtp_ports_seek(pjsua_acc_id id)
{
    pjsua_acc *acc = &pjsua_var.acc[id];
    const pjsua_transport_config *cfg = &acc->cfg.rtp_cfg;
    int first = (int)cfg->port, last, port;

    PJSUA_LOCK();
    if (acc->valid && first) {
        last = cfg->port_range ? PJ_MIN(first + (int)cfg->port_range, LAST) : LAST;
        port = acc->next_rtp_port;
        if (!port && cfg->port_range && cfg->randomize_port)
            port = first + (int)((unsigned)pj_rand() % cfg->port_range) / 2 * 2;
        for (int tried = 0; tried <= (last - first) / 2; tried++, port += 2) {
            if (port < first || port > last)
                port = first;
            if (is_free(&acc->cfg, port)) {
                acc->next_rtp_port = (pj_uint16_t)port;
                break;
            }
        }
    }
    PJSUA_UNLOCK();
}

void pyj_rtp_ports_incoming(const pjsip_rx_data *rdata, pjsua_acc_id id)
{
    if (id >= 0 && rdata->msg_info.msg->line.req.method.id == PJSIP_INVITE_METHOD)
        pyj_rtp_ports_seek(id);
}
