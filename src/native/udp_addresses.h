/* Compiled ahead of PJSIP's transport_udp.c (gcc -include). A media stream that begins anew clears the address RTCP came
 * from, without a lock, while a worker may be comparing it: an address whose family went in between is none, and
 * memcmp() was given NULL. Here copies are compared, and one that is cleared is like no other. */
#ifndef PYJ_UDP_ADDRESSES_H
#define PYJ_UDP_ADDRESSES_H

#include <pj/sock.h>
#include <pj/string.h>

/* Not pj_sockaddr_cp(), which asserts that there is an address. */
static inline pj_sockaddr pyj_sockaddr_copy(const pj_sockaddr *addr)
{
    const pj_uint16_t family = addr->addr.sa_family;
    pj_sockaddr copy;

    pj_bzero(&copy, sizeof(copy));
    if (family == PJ_AF_INET)
        pj_memcpy(&copy, addr, sizeof(pj_sockaddr_in));
    else if (family == PJ_AF_INET6)
        pj_memcpy(&copy, addr, sizeof(pj_sockaddr_in6));
    return copy;
}

static inline int pyj_sockaddr_cmp(const pj_sockaddr_t *addr1, const pj_sockaddr_t *addr2)
{
    const pj_sockaddr one = pyj_sockaddr_copy(addr1), other = pyj_sockaddr_copy(addr2);

    if (!one.addr.sa_family || !other.addr.sa_family)
        return one.addr.sa_family - other.addr.sa_family;
    return pj_sockaddr_cmp(&one, &other);
}

#define pj_sockaddr_cmp pyj_sockaddr_cmp

#endif
