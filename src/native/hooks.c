#include "hooks.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "gate.h"
#include "ids.h"
#include "queue.h"
#include "structs.h"

#define THIS_FILE "hooks.c"

enum { WAITING, RUNNING, OVERDUE, TOLD, DONE };

static _Atomic unsigned char hooked[PYJ_STRUCT_COUNT];
static _Thread_local int hooking;

static struct {
    pthread_mutex_t mutex;
    pthread_once_t once;
    pthread_cond_t asked;    /* for the hooks' thread */
    pthread_cond_t answered; /* for PJSIP's threads */
    pthread_cond_t overdue;  /* for the watch */
    uint32_t generation;     /* odd while open */
    unsigned deadline_ms;
    pyj_question *first, *last;
    pyj_question *running;
    pyj_hook_stats stats;
} hooks = {.mutex = PTHREAD_MUTEX_INITIALIZER, .once = PTHREAD_ONCE_INIT, .overdue = PTHREAD_COND_INITIALIZER};

static void init_conditions(void)
{
    pthread_condattr_t attr;

    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&hooks.asked, &attr);
    pthread_cond_init(&hooks.answered, &attr);
    pthread_condattr_destroy(&attr);
}

int pyj_hook_set(uint16_t kind)
{
    return atomic_load_explicit(&hooked[kind], memory_order_relaxed);
}

void pyj_hooks_want(uint16_t kind, int on)
{
    atomic_store(&hooked[kind], on != 0);
}

int pyj_in_hook(void)
{
    return hooking;
}

static void question_free(pyj_question *question)
{
    pyj_record_free(question->record);
    free(question->answer.text);
    free(question);
}

static pyj_question *question_new(uint16_t kind, const void *payload, const pyj_about *about, pyj_message *message)
{
    const pyj_struct *shape = &pyj_structs[kind];
    pyj_question *question = calloc(1, sizeof(*question));

    if (!question)
        return NULL;
    question->serial = pyj_serial_new();
    question->record = pyj_record_new(kind, pyj_pack_size(shape, payload), 0, 0);
    if (!question->record) {
        free(question);
        return NULL;
    }
    pyj_pack(shape, payload, question->record->payload);
    question->record->epoch = pyj_epoch();
    question->record->call_id = about->call_id;
    question->record->call_serial = about->call_serial;
    question->record->acc_id = about->acc_id;
    question->record->acc_serial = about->acc_serial;
    question->record->message = message;
    if (message)
        atomic_fetch_add(&message->refs, 1);
    return question;
}

static void unlink_question(pyj_question *question)
{
    pyj_question **at = &hooks.first, *before = NULL;

    while (*at && *at != question) {
        before = *at;
        at = &before->next;
    }
    if (*at) {
        *at = question->next;
        if (hooks.last == question)
            hooks.last = before;
    }
}

static struct timespec after_ms(unsigned ms)
{
    struct timespec end;

    clock_gettime(CLOCK_MONOTONIC, &end);
    end.tv_sec += ms / 1000;
    end.tv_nsec += (long)(ms % 1000) * 1000000;
    if (end.tv_nsec >= 1000000000) {
        end.tv_sec++;
        end.tv_nsec -= 1000000000;
    }
    return end;
}

/* With the mutex held; leaves `question` either DONE or given up. */
static void wait_for_answer(pyj_question *question, uint32_t generation)
{
    struct timespec end = after_ms(hooks.deadline_ms);

    if (hooks.last)
        hooks.last->next = question;
    else
        hooks.first = question;
    hooks.last = question;
    pthread_cond_signal(&hooks.asked);
    while (question->state != DONE && hooks.generation == generation)
        if (pthread_cond_timedwait(&hooks.answered, &hooks.mutex, &end))
            break;
}

int pyj_hook_ask(uint16_t kind, const void *payload, const pyj_about *about, pyj_message *message, pyj_answer *answer)
{
    pyj_question *question;
    uint32_t generation;
    int given = 0, late = 0, busy = 0;

    if (!pyj_hook_set(kind) || hooking)
        return 0;
    question = question_new(kind, payload, about, message);
    if (!question)
        return 0;
    pthread_mutex_lock(&hooks.mutex);
    generation = hooks.generation;
    if (!(generation & 1)) {
        question_free(question);
    } else if (hooks.running && hooks.running->state != RUNNING) {
        busy = 1;
        hooks.stats.busy++;
        question_free(question);
    } else {
        hooks.stats.asked++;
        wait_for_answer(question, generation);
        if (question->state == DONE) {
            given = question->answer.given;
            *answer = question->answer;
            question->answer.text = NULL;
            hooks.stats.answered++;
            question_free(question);
        } else {
            late = 1;
            hooks.stats.late++;
            if (question->state == RUNNING) {
                /* The hook's thread frees it when it comes back. */
                question->state = OVERDUE;
                pthread_cond_broadcast(&hooks.overdue);
            } else {
                unlink_question(question);
                question_free(question);
            }
        }
    }
    pthread_mutex_unlock(&hooks.mutex);
    if (late || busy)
        PJ_LOG(2, (THIS_FILE, "The hook of %s %s: the policy's answer is used", pyj_structs[kind].name,
                   late ? "did not answer in time" : "was not asked, an earlier one is past its deadline"));
    return given;
}

uint32_t pyj_hooks_open(unsigned deadline_ms)
{
    uint32_t generation;

    pthread_once(&hooks.once, init_conditions);
    pthread_mutex_lock(&hooks.mutex);
    hooks.deadline_ms = deadline_ms;
    if (!(hooks.generation & 1))
        hooks.generation++;
    generation = hooks.generation;
    pthread_mutex_unlock(&hooks.mutex);
    return generation;
}

void pyj_hooks_close(void)
{
    pthread_once(&hooks.once, init_conditions);
    for (int i = 0; i < PYJ_STRUCT_COUNT; i++)
        pyj_hooks_want((uint16_t)i, 0);
    pthread_mutex_lock(&hooks.mutex);
    if (hooks.generation & 1)
        hooks.generation++;
    pthread_cond_broadcast(&hooks.asked);
    pthread_cond_broadcast(&hooks.answered);
    pthread_cond_broadcast(&hooks.overdue);
    pthread_mutex_unlock(&hooks.mutex);
}

pyj_question *pyj_hook_take(uint32_t generation)
{
    pyj_question *question = NULL;

    pthread_mutex_lock(&hooks.mutex);
    while (hooks.generation == generation && (!hooks.first || hooks.running))
        pthread_cond_wait(&hooks.asked, &hooks.mutex);
    if (hooks.generation == generation) {
        question = hooks.first;
        unlink_question(question);
        question->state = RUNNING;
        hooks.running = question;
        hooking = 1;
    }
    pthread_mutex_unlock(&hooks.mutex);
    return question;
}

int pyj_hook_finish(pyj_question *question, const pyj_answer *answer)
{
    int in_time;

    pthread_mutex_lock(&hooks.mutex);
    hooking = 0;
    in_time = question->state == RUNNING;
    question->answer = *answer;
    if (hooks.running == question)
        hooks.running = NULL;
    if (in_time) {
        question->state = DONE;
        pthread_cond_broadcast(&hooks.answered);
    } else {
        question_free(question);
    }
    pthread_cond_signal(&hooks.asked);
    pthread_mutex_unlock(&hooks.mutex);
    return in_time;
}

uint64_t pyj_hook_overdue(uint32_t generation)
{
    uint64_t serial = 0;

    pthread_mutex_lock(&hooks.mutex);
    while (hooks.generation == generation && (!hooks.running || hooks.running->state != OVERDUE))
        pthread_cond_wait(&hooks.overdue, &hooks.mutex);
    if (hooks.generation == generation) {
        hooks.running->state = TOLD;
        serial = hooks.running->serial;
    }
    pthread_mutex_unlock(&hooks.mutex);
    return serial;
}

void pyj_hook_get_stats(pyj_hook_stats *stats)
{
    pthread_mutex_lock(&hooks.mutex);
    *stats = hooks.stats;
    pthread_mutex_unlock(&hooks.mutex);
}
