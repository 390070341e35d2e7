#include "queue.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <time.h>

#include "wake.h"

/* The last nodes are for those who may not call malloc and whose records are not to be lost. */
enum { NODE_SIZE = 512, NODE_COUNT = 4096, NODE_MASK = NODE_COUNT - 1, NODE_RESERVE = 1024 };

static struct {
    _Atomic(pyj_record *) tail; /* producers exchange here */
    pyj_record *head;           /* the consumer's */
    pyj_record stub;
    _Atomic int asleep;
    pyj_wake wake;
    _Atomic uint64_t pushed, popped, dropped, starved, wakes, high_water, cap, oldest_ns;
    uint64_t seq;
} queue = {.wake = PYJ_WAKE_CLOSED, .cap = 10000};

/* Free nodes: a bounded ring with a sequence number per cell (Vyukov's MPMC queue), so that a media
 * thread takes memory without a lock and without malloc. */
static struct {
    struct cell {
        _Atomic size_t seq;
        void *node;
    } cells[NODE_COUNT];
    _Atomic size_t put, get;
} pool;

static pthread_once_t once = PTHREAD_ONCE_INIT;
static int init_error;

static int pool_put(void *node)
{
    size_t pos = atomic_load_explicit(&pool.put, memory_order_relaxed);

    for (;;) {
        struct cell *cell = &pool.cells[pos & NODE_MASK];
        size_t seq = atomic_load_explicit(&cell->seq, memory_order_acquire);

        if (seq == pos) {
            if (atomic_compare_exchange_weak(&pool.put, &pos, pos + 1)) {
                cell->node = node;
                atomic_store_explicit(&cell->seq, pos + 1, memory_order_release);
                return 1;
            }
        } else if ((intptr_t)(seq - pos) < 0) {
            return 0;
        } else {
            pos = atomic_load_explicit(&pool.put, memory_order_relaxed);
        }
    }
}

static void *pool_get(void)
{
    size_t pos = atomic_load_explicit(&pool.get, memory_order_relaxed);

    for (;;) {
        struct cell *cell = &pool.cells[pos & NODE_MASK];
        size_t seq = atomic_load_explicit(&cell->seq, memory_order_acquire);

        if (seq == pos + 1) {
            if (atomic_compare_exchange_weak(&pool.get, &pos, pos + 1)) {
                void *node = cell->node;

                atomic_store_explicit(&cell->seq, pos + NODE_COUNT, memory_order_release);
                return node;
            }
        } else if ((intptr_t)(seq - (pos + 1)) < 0) {
            return NULL;
        } else {
            pos = atomic_load_explicit(&pool.get, memory_order_relaxed);
        }
    }
}

/* As it looks now: others put and get meanwhile. */
static int pool_has_more_than(size_t count)
{
    size_t got = atomic_load_explicit(&pool.get, memory_order_relaxed);

    return (intptr_t)(atomic_load_explicit(&pool.put, memory_order_relaxed) - got) > (intptr_t)count;
}

void pyj_queue_forked(void)
{
    if (queue.wake.read_fd < 0)
        return;
    pyj_wake_close(&queue.wake);
    if (pyj_wake_open(&queue.wake))
        init_error = errno;
    atomic_store(&queue.asleep, 0);
}

static void init(void)
{
    static char *slab;

    if (pyj_wake_open(&queue.wake)) {
        init_error = errno;
        return;
    }
    slab = malloc((size_t)NODE_SIZE * NODE_COUNT);
    if (!slab) {
        init_error = ENOMEM;
        return;
    }
    for (size_t i = 0; i < NODE_COUNT; i++)
        atomic_init(&pool.cells[i].seq, i);
    for (size_t i = 0; i < NODE_COUNT; i++)
        pool_put(slab + i * NODE_SIZE);
    queue.head = &queue.stub;
    atomic_store(&queue.tail, &queue.stub);
}

int pyj_queue_init(void)
{
    pthread_once(&once, init);
    return init_error;
}

uint64_t pyj_now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static uint64_t depth(void)
{
    uint64_t popped = atomic_load(&queue.popped);

    return atomic_load(&queue.pushed) - popped;
}

void pyj_queue_set_cap(uint64_t cap)
{
    atomic_store(&queue.cap, cap);
}

pyj_record *pyj_record_new(uint16_t kind, size_t payload, uint16_t flags, int realtime)
{
    size_t size = sizeof(pyj_record) + payload;
    pyj_record *record = NULL;

    if ((flags & PYJ_DROPPABLE) && depth() >= atomic_load(&queue.cap)) {
        atomic_fetch_add(&queue.dropped, 1);
        return NULL;
    }
    if (size <= NODE_SIZE && (pool_has_more_than(NODE_RESERVE) || (realtime && !(flags & PYJ_DROPPABLE)))) {
        record = pool_get();
        if (record)
            flags |= PYJ_POOLED;
    }
    if (!record && !realtime)
        record = malloc(size);
    if (!record) {
        atomic_fetch_add(flags & PYJ_DROPPABLE ? &queue.dropped : &queue.starved, 1);
        return NULL;
    }
    record->size = (uint32_t)size;
    record->kind = kind;
    record->flags = flags;
    record->seq = 0;
    record->time_ns = pyj_now_ns();
    record->epoch = 0;
    record->owner = 0;
    record->call_id = record->acc_id = -1;
    record->call_serial = record->acc_serial = 0;
    record->message = NULL;
    return record;
}

void pyj_record_free(pyj_record *record)
{
    pyj_message_release(record->message);
    if (!(record->flags & PYJ_POOLED)) {
        free(record);
        return;
    }
    /* There is a cell for every node, but a producer may have been stopped just before it vacates this one. */
    while (!pool_put(record))
        sched_yield();
}

static void link_in(pyj_record *record)
{
    pyj_record *previous;

    atomic_store_explicit(&record->next, NULL, memory_order_relaxed);
    previous = atomic_exchange_explicit(&queue.tail, record, memory_order_acq_rel);
    atomic_store_explicit(&previous->next, record, memory_order_release);
}

void pyj_queue_push(pyj_record *record)
{
    uint64_t count = atomic_fetch_add(&queue.pushed, 1) + 1;
    /* Signed: by now the consumer may have popped records pushed after this one was counted. */
    int64_t now = (int64_t)(count - atomic_load(&queue.popped));
    uint64_t high = atomic_load_explicit(&queue.high_water, memory_order_relaxed);

    while (now > 0 && (uint64_t)now > high && !atomic_compare_exchange_weak(&queue.high_water, &high, (uint64_t)now))
        ;
    /* Before it is there to be popped: the consumer's word comes later and stays. That a record missed here goes
     * without is better than the time of one that has gone. */
    if (!atomic_load_explicit(&queue.oldest_ns, memory_order_relaxed)) {
        uint64_t none = 0;

        atomic_compare_exchange_strong(&queue.oldest_ns, &none, record->time_ns);
    }
    link_in(record);
    if (atomic_exchange(&queue.asleep, 0))
        pyj_queue_wake();
}

static void note_oldest(void)
{
    const pyj_record *first = queue.head;

    if (first == &queue.stub) {
        atomic_store(&queue.oldest_ns, 0);
        first = atomic_load_explicit(&queue.stub.next, memory_order_acquire);
    }
    if (first)
        atomic_store(&queue.oldest_ns, first->time_ns);
}

pyj_record *pyj_queue_pop(void)
{
    pyj_record *head = queue.head;
    pyj_record *next;

    if (!head)
        return NULL;
    next = atomic_load_explicit(&head->next, memory_order_acquire);
    if (head == &queue.stub) {
        if (!next)
            return NULL;
        queue.head = head = next;
        next = atomic_load_explicit(&head->next, memory_order_acquire);
    }
    if (!next) {
        /* The last record can only leave once something stands behind it. A producer between its
         * exchange and its link makes us come back later: it wakes us when it is done. */
        if (atomic_load_explicit(&queue.tail, memory_order_acquire) != head)
            return NULL;
        link_in(&queue.stub);
        next = atomic_load_explicit(&head->next, memory_order_acquire);
        if (!next)
            return NULL;
    }
    queue.head = next;
    note_oldest();
    head->seq = ++queue.seq;
    atomic_fetch_add(&queue.popped, 1);
    return head;
}

int pyj_queue_fd(void)
{
    return queue.wake.read_fd;
}

int pyj_queue_may_sleep(void)
{
    atomic_store(&queue.asleep, 1);
    if (depth() && atomic_exchange(&queue.asleep, 0))
        return 0;
    return 1;
}

int pyj_queue_wait(int timeout_ms)
{
    int ready;

    if (!pyj_queue_may_sleep())
        return 1;
    /* Interrupted by a signal counts as woken: the caller must get the chance to handle it. */
    ready = pyj_wake_wait(&queue.wake, timeout_ms);
    atomic_store(&queue.asleep, 0);
    if (ready > 0)
        pyj_queue_ack();
    return ready != 0;
}

void pyj_queue_wake(void)
{
    atomic_fetch_add(&queue.wakes, 1);
    pyj_wake_write(&queue.wake);
}

void pyj_queue_ack(void)
{
    pyj_wake_read(&queue.wake);
}

void pyj_queue_get_stats(pyj_queue_stats *stats)
{
    stats->popped = atomic_load(&queue.popped);
    stats->pushed = atomic_load(&queue.pushed);
    stats->dropped = atomic_load(&queue.dropped);
    stats->starved = atomic_load(&queue.starved);
    stats->wakes = atomic_load(&queue.wakes);
    stats->depth = stats->pushed - stats->popped;
    stats->high_water = atomic_load(&queue.high_water);
    stats->cap = atomic_load(&queue.cap);
    stats->oldest_ns = atomic_load(&queue.oldest_ns);
}
