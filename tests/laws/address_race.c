/* One thread clears an address again and again, as PJSIP's transport_udp.c does, and another compares it, as that one's
 * worker does. How often they were equal goes to stdout; PJSIP's own comparison reads NULL within moments. */
#include "udp_addresses.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>

#include <pjlib.h>

enum { ROUNDS = 5000000 };

static pj_sockaddr remote, source;
static _Atomic int ended;

/* Without it the compiler would leave out what the next line writes over. */
#define SEEN() __asm__ volatile("" ::: "memory")

static void *clear(void *arg)
{
    const pj_sockaddr whole = remote;

    while (!atomic_load(&ended)) {
        pj_bzero(&source, sizeof(source));
        SEEN();
        pj_memcpy(&source, &whole, sizeof(whole));
        SEEN();
    }
    return arg;
}

int main(void)
{
    pj_str_t host = pj_str("127.0.0.1");
    unsigned equal = 0;
    pthread_t thread;

    pj_log_set_level(0);
    if (pj_init() || pj_sockaddr_init(pj_AF_INET(), &remote, &host, 4000))
        return 2;
    source = remote;
    if (pthread_create(&thread, NULL, clear, NULL))
        return 2;
    for (unsigned i = 0; i < ROUNDS; i++)
        equal += pj_sockaddr_cmp(&remote, &source) == 0;
    atomic_store(&ended, 1);
    pthread_join(thread, NULL);
    printf("%u\n", equal);
    return 0;
}
