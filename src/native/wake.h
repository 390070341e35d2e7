/* How a thread of PJSIP wakes Python: a descriptor for loops, a counter for threads. What of it is Linux' own is here;
 * PYJ_WAKE_PORTABLE has what other systems get, for a test. */
#ifndef PYJ_WAKE_H
#define PYJ_WAKE_H

#include <stdatomic.h>
#include <stdint.h>

/* Readable once written to: an eventfd on Linux, on Windows, whose selectors know sockets alone, a UDP socket that
 * is connected to itself, elsewhere the two ends of a pipe. */
typedef struct pyj_wake {
    int read_fd, write_fd;
} pyj_wake;

#define PYJ_WAKE_CLOSED {-1, -1}

/* 0, or -1 with errno set. */
int pyj_wake_open(pyj_wake *wake);
void pyj_wake_close(pyj_wake *wake);
/* Never waits: where a pipe is full, its reader is woken already. */
void pyj_wake_write(const pyj_wake *wake);
/* Takes all that was written. */
void pyj_wake_read(const pyj_wake *wake);
/* Whether there is something to take, waiting up to timeout_ms for it, for ever where that is negative: 1, 0, or -1
 * where a signal came. */
int pyj_wake_wait(const pyj_wake *wake, int timeout_ms);

/* Sleeps while *word is `seen`, for `ns` at most; may return sooner. Needs no lock of its caller. */
void pyj_park(const _Atomic uint32_t *word, uint32_t seen, uint64_t ns);
/* Wakes all who sleep for this word, which was changed before. */
void pyj_unpark(const _Atomic uint32_t *word);

#endif
