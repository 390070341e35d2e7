#include "observer.h"

#include <stdatomic.h>

#include "native_port.h"
#include "queue.h"

enum { PLACES = 16 };

/* Of a place's word: the low half counts who is in the callback, the rest is which observer has the place. */
#define ACTIVE ((uint64_t)1 << 63)
#define ENDING ((uint64_t)1 << 62)
#define MAKING ((uint64_t)1 << 61)
#define INSIDE ((uint64_t)0xFFFFFFFF)
#define TURN ((uint64_t)1 << 32)
#define TURNS (MAKING - TURN)

typedef struct place {
    _Atomic uint64_t word;
    void (*callback)(void *user, const pyjsua_message *message);
    void (*on_removed)(void *user);
    void *user;
} place;

static place places[PLACES];
static _Atomic int active;

int pyj_observer_add(void (*callback)(void *user, const pyjsua_message *message), void (*on_removed)(void *user),
                     void *user, uint64_t *observer)
{
    if (!callback || !observer)
        return PYJSUA_EINVAL;
    for (int i = 0; i < PLACES; i++) {
        uint64_t word = atomic_load(&places[i].word), turn = (word + TURN) & TURNS;

        if (word & ~TURNS || !atomic_compare_exchange_strong(&places[i].word, &word, turn | MAKING))
            continue;
        places[i].callback = callback;
        places[i].on_removed = on_removed;
        places[i].user = user;
        *observer = turn | (uint64_t)(i + 1);
        atomic_fetch_add(&active, 1);
        atomic_store(&places[i].word, turn | ACTIVE);
        return PYJSUA_OK;
    }
    return PYJSUA_ENOMEM;
}

/* By who makes the word ENDING with nobody inside, and nobody else: the place is free for others afterwards. */
static void end(place *at, uint64_t turn)
{
    void (*on_removed)(void *user) = at->on_removed;
    void *user = at->user;

    atomic_store(&at->word, turn);
    if (on_removed) {
        pyj_foreign_begin();
        on_removed(user);
        pyj_foreign_end();
    }
}

static void leave(place *at)
{
    uint64_t word = atomic_fetch_sub(&at->word, 1) - 1;

    if ((word & ENDING) && !(word & INSIDE))
        end(at, word & TURNS);
}

int pyj_observer_remove(uint64_t observer)
{
    uint64_t number = observer & INSIDE, turn = observer & TURNS, word;
    place *at;

    if (!number || number > PLACES)
        return PYJSUA_EINVAL;
    at = &places[number - 1];
    word = atomic_load(&at->word);
    /* Counted as inside meanwhile, so that one and only one comes out last. */
    do {
        if (!(word & ACTIVE) || (word & TURNS) != turn)
            return PYJSUA_ESTALE;
    } while (!atomic_compare_exchange_weak(&at->word, &word, ((word & ~ACTIVE) | ENDING) + 1));
    atomic_fetch_sub(&active, 1);
    leave(at);
    return PYJSUA_OK;
}

int pyj_observers_any(void)
{
    return atomic_load_explicit(&active, memory_order_relaxed) > 0;
}

static int enter(place *at)
{
    uint64_t word = atomic_load(&at->word);

    while (word & ACTIVE)
        if (atomic_compare_exchange_weak(&at->word, &word, word + 1))
            return 1;
    return 0;
}

void pyj_observers_tell(const pyj_message *message, const pyj_about *about)
{
    pyjsua_message out = {
        .size = sizeof(out),
        .len = message->len,
        .data = message->data,
        .transport = message->transport,
        .local = message->local,
        .remote = message->remote,
        .time_ns = pyj_now_ns(),
        .call_serial = about->call_serial,
        .acc_serial = about->acc_serial,
        .call_id = about->call_id,
        .acc_id = about->acc_id,
        .sent = message->sent,
    };

    for (int i = 0; i < PLACES; i++) {
        if (!enter(&places[i]))
            continue;
        pyj_foreign_begin();
        places[i].callback(places[i].user, &out);
        pyj_foreign_end();
        leave(&places[i]);
    }
}
