#include "wake.h"

#include <errno.h>
#include <unistd.h>

#if defined(__linux__) && !defined(PYJ_WAKE_PORTABLE)
#include <limits.h>
#include <linux/futex.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <time.h>
#else
#include <fcntl.h>
#include <pthread.h>
#include <time.h>
#endif

int pyj_wake_open(pyj_wake *wake)
{
#if defined(__linux__) && !defined(PYJ_WAKE_PORTABLE)
    wake->read_fd = wake->write_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    return wake->read_fd < 0 ? -1 : 0;
#else
    int fds[2];

    if (pipe(fds))
        return -1;
    for (int i = 0; i < 2; i++) {
        fcntl(fds[i], F_SETFL, O_NONBLOCK);
        fcntl(fds[i], F_SETFD, FD_CLOEXEC);
    }
    wake->read_fd = fds[0];
    wake->write_fd = fds[1];
    return 0;
#endif
}

void pyj_wake_close(pyj_wake *wake)
{
    if (wake->read_fd < 0)
        return;
    close(wake->read_fd);
    if (wake->write_fd != wake->read_fd)
        close(wake->write_fd);
    wake->read_fd = wake->write_fd = -1;
}

void pyj_wake_write(const pyj_wake *wake)
{
    /* An eventfd wants eight bytes. */
    static const uint64_t one = 1;

    while (write(wake->write_fd, &one, sizeof(one)) < 0 && errno == EINTR)
        ;
}

void pyj_wake_read(const pyj_wake *wake)
{
    char sink[512];
    ssize_t got;

    do
        got = read(wake->read_fd, sink, sizeof(sink));
    while (got == (ssize_t)sizeof(sink) || (got < 0 && errno == EINTR));
}

#if defined(__linux__) && !defined(PYJ_WAKE_PORTABLE)

void pyj_park(const _Atomic uint32_t *word, uint32_t seen, uint64_t ns)
{
    struct timespec left = {.tv_sec = (time_t)(ns / 1000000000u), .tv_nsec = (long)(ns % 1000000000u)};

    syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, seen, &left, NULL, 0);
}

void pyj_unpark(const _Atomic uint32_t *word)
{
    syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0);
}

#else

/* One for all words: whoever is woken for another's looks at its own again. */
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;

void pyj_park(const _Atomic uint32_t *word, uint32_t seen, uint64_t ns)
{
    struct timespec end;

    clock_gettime(CLOCK_REALTIME, &end);
    ns += (uint64_t)end.tv_nsec;
    end.tv_sec += (time_t)(ns / 1000000000u);
    end.tv_nsec = (long)(ns % 1000000000u);
    pthread_mutex_lock(&mutex);
    if (atomic_load(word) == seen)
        pthread_cond_timedwait(&changed, &mutex, &end);
    pthread_mutex_unlock(&mutex);
}

void pyj_unpark(const _Atomic uint32_t *word)
{
    (void)word;
    pthread_mutex_lock(&mutex);
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&mutex);
}

#endif
