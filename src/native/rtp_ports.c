#include "rtp_ports.h"

#include <pjsua-lib/pjsua_internal.h>

enum { LAST = 65534 };

/* Where media binds: what of the two families the account may use. */
typedef struct hosts {
    pj_sockaddr addr[2];
    unsigned count;
} hosts;

static void add_host(hosts *hosts, int family, const pj_str_t *host)
{
    pj_sockaddr *addr = &hosts->addr[hosts->count];

    if (pj_sockaddr_init(family, addr, NULL, 0) == PJ_SUCCESS
        && (!host->slen || pj_sockaddr_set_str_addr(family, addr, host) == PJ_SUCCESS))
        hosts->count++;
}

/* Once, and not for each port: a name is looked up. */
static hosts hosts_of(const pjsua_acc_config *cfg)
{
    const pj_str_t *host = &cfg->rtp_cfg.bound_addr;
    hosts out = {.count = 0};

    if (!pj_strchr(host, ':'))
        add_host(&out, pj_AF_INET(), host);
    if (cfg->ipv6_media_use != PJSUA_IPV6_DISABLED && (!host->slen || pj_strchr(host, ':')))
        add_host(&out, pj_AF_INET6(), host);
    return out;
}

/* A family of which no socket is to be had is in nobody's way. */
static int can_bind(const pj_sockaddr *host, int port)
{
    pj_sockaddr addr = *host;
    pj_sock_t sock;
    int can;

    pj_sockaddr_set_port(&addr, (pj_uint16_t)port);
    if (pj_sock_socket(addr.addr.sa_family, pj_SOCK_DGRAM() | pj_SOCK_CLOEXEC(), 0, &sock) != PJ_SUCCESS)
        return 1;
    can = pj_sock_bind(sock, &addr, pj_sockaddr_get_len(&addr)) == PJ_SUCCESS;
    pj_sock_close(sock);
    return can;
}

static int is_free(const hosts *hosts, int port)
{
    for (unsigned i = 0; i < hosts->count; i++)
        if (!can_bind(&hosts->addr[i], port) || !can_bind(&hosts->addr[i], port + 1))
            return 0;
    return 1;
}

void pyj_rtp_ports_seek(pjsua_acc_id id)
{
    pjsua_acc *acc = &pjsua_var.acc[id];
    const pjsua_transport_config *cfg = &acc->cfg.rtp_cfg;
    int first, last, port;

    PJSUA_LOCK();
    first = (int)cfg->port;
    if (acc->valid && first) {
        hosts hosts = hosts_of(&acc->cfg);

        last = cfg->port_range ? PJ_MIN(first + (int)cfg->port_range, LAST) : LAST;
        port = acc->next_rtp_port;
        if (!port && cfg->port_range && cfg->randomize_port)
            port = first + (int)((unsigned)pj_rand() % cfg->port_range) / 2 * 2;
        for (int tried = 0; tried <= (last - first) / 2; tried++, port += 2) {
            if (port < first || port > last)
                port = first;
            if (is_free(&hosts, port)) {
                acc->next_rtp_port = (pj_uint16_t)port;
                break;
            }
        }
    }
    PJSUA_UNLOCK();
}

void pyj_rtp_ports_incoming(const pjsip_rx_data *rdata, pjsua_acc_id id)
{
    if (id >= 0 && id < PJSUA_MAX_ACC && rdata->msg_info.msg->line.req.method.id == PJSIP_INVITE_METHOD)
        pyj_rtp_ports_seek(id);
}
