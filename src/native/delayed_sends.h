/* Compiled ahead of PJSIP's sip_transport_tcp.c and sip_transport_tls.c (gcc -include), with the name of their
 * variable as PYJ_TRANSPORT. What is sent before connect() has an outcome waits in a list, which is given back when
 * connect() fails; but the sender holds the transport's lock from its look at has_pending_connect until it has
 * added to the list, and the giving back holds none (TLS leaves has_pending_connect set besides). What came too
 * late was told neither as sent nor as failed: a request too long for UDP never went by UDP. Both loops that give
 * back ask pj_list_empty() first, and here that waits for such a sender and lets no other come after it. */
#ifndef PYJ_DELAYED_SENDS_H
#define PYJ_DELAYED_SENDS_H

#include <pj/list.h>
#include <pj/lock.h>

static inline int pyj_none_delayed(pj_lock_t *lock, pj_bool_t *connecting, const pj_list_type *delayed)
{
    /* A transport that was never made whole has no lock, and no sender. */
    if (lock)
        pj_lock_acquire(lock);
    *connecting = PJ_FALSE;
    if (lock)
        pj_lock_release(lock);
    return pj_list_empty(delayed);
}

#define pj_list_empty(delayed) \
    pyj_none_delayed((PYJ_TRANSPORT)->base.lock, &(PYJ_TRANSPORT)->has_pending_connect, delayed)

#endif
