/* Compiled ahead of PJSIP's transport_udp.c (gcc -include). A media stream that begins anew clears the address RTCP came
 * from, without a lock, while a worker may be comparing it: an address whose family went in between is none, and
 * memcmp() was given NULL. Here copies are compared. */
#ifndef PYJ_UDP_ADDRESSES_H
#define PYJ_UDP_ADDRESSES_H

#include <pj/sock.h>
#include <pj/string.h>

static inline int pyj_sockaddr_cmp(const pj_sockaddr_t *addr1, const pj_sockaddr_t *addr2)
{
    pj_sockaddr one, other;

    pj_bzero(&one, sizeof(one));
    pj_bzero(&other, sizeof(other));
    pj_memcpy(&one, addr1, pj_sockaddr_get_len(addr1));
    pj_memcpy(&other, addr2, pj_sockaddr_get_len(addr2));
    return pj_sockaddr_cmp(&one, &other);
}

#define pj_sockaddr_cmp pyj_sockaddr_cmp

#endif
