#include "timers.h"

#include <pthread.h>
#include <stdlib.h>

#include <pjsua-lib/pjsua_internal.h>

#include "emit.h"
#include "events.h"
#include "ids.h"

typedef struct timer {
    pj_timer_entry entry;
    uint64_t serial;
    int slot;
    int cancelled; /* by somebody who came while PJSIP was about to call back, which then frees it */
    unsigned long token;
} timer;

/* A free slot holds the number of the next free one. */
static struct {
    timer *used;
    int next_free;
} *slots;
static int size, first_free = -1;
/* Held while PJSIP's timer heap is locked, never the other way round: the heap calls back unlocked. */
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static int grow(void)
{
    int wanted = size ? size * 2 : 64;
    void *memory;

    if (wanted > PYJ_MAX_TIMERS || !(memory = realloc(slots, (size_t)wanted * sizeof(*slots))))
        return 0;
    slots = memory;
    for (int i = wanted - 1; i >= size; i--) {
        slots[i].used = NULL;
        slots[i].next_free = first_free;
        first_free = i;
    }
    size = wanted;
    return 1;
}

static void give_back(timer *one)
{
    slots[one->slot].used = NULL;
    slots[one->slot].next_free = first_free;
    first_free = one->slot;
}

static pyj_serial_id id_of(const timer *one)
{
    return (pyj_serial_id){one->slot, one->serial};
}

static void expired(pj_timer_heap_t *heap, pj_timer_entry *entry)
{
    timer *one = entry->user_data;
    pyj_on_timer out = {.user_data = one->token};

    PJ_UNUSED_ARG(heap);
    pthread_mutex_lock(&mutex);
    out.timer_id = id_of(one);
    if (!one->cancelled) {
        give_back(one);
        pyj_emit(PYJ_OnTimer, &out, NULL, 0);
    }
    pthread_mutex_unlock(&mutex);
    free(one);
}

pj_status_t pyj_timer_schedule(const pj_time_val *delay, unsigned long token, pyj_serial_id *id)
{
    timer *one = calloc(1, sizeof(*one));
    pj_status_t status;

    if (!one)
        return PJ_ENOMEM;
    pj_timer_entry_init(&one->entry, 0, one, expired);
    one->serial = pyj_serial_new();
    one->token = token;
    pthread_mutex_lock(&mutex);
    if (first_free < 0 && !grow()) {
        pthread_mutex_unlock(&mutex);
        free(one);
        return PJ_ETOOMANY;
    }
    one->slot = first_free;
    first_free = slots[one->slot].next_free;
    slots[one->slot].used = one;
    *id = id_of(one);
    status = pjsua_schedule_timer(&one->entry, delay);
    if (status != PJ_SUCCESS) {
        give_back(one);
        free(one);
    }
    pthread_mutex_unlock(&mutex);
    return status;
}

int pyj_timer_cancel(int slot, uint64_t serial, unsigned long *token)
{
    timer *one;

    pthread_mutex_lock(&mutex);
    one = slot >= 0 && slot < size ? slots[slot].used : NULL;
    if (!one || (serial && one->serial != serial)) {
        pthread_mutex_unlock(&mutex);
        return 0;
    }
    *token = one->token;
    give_back(one);
    if (pj_timer_heap_cancel(pjsip_endpt_get_timer_heap(pjsua_var.endpt), &one->entry) > 0)
        free(one);
    else
        one->cancelled = 1;
    pthread_mutex_unlock(&mutex);
    return 1;
}

void pyj_timers_clear(void)
{
    for (int i = 0; i < size; i++)
        free(slots[i].used);
    free(slots);
    slots = NULL;
    size = 0;
    first_free = -1;
}
