#include "tone.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include <pjsua-lib/pjsua_internal.h>

#include "emit.h"
#include "events.h"
#include "ids.h"

/* Stands between the bridge and PJMEDIA's generator, which tells nobody when it is done, and counts what it has
 * room for before it takes its lock. */
typedef struct pyj_tonegen {
    pthread_mutex_t mutex;
    pjmedia_port *port;
    pj_pool_t *pool;
    pj_status_t (*get_frame)(pjmedia_port *port, pjmedia_frame *frame);
    pyj_serial_id id;
    pjmedia_tone_digit_map map;
} pyj_tonegen;

/* By slot, good while the slot's serial in PYJ_TONEGENS says so. */
static pyj_tonegen *tonegens[PJSUA_MAX_CONF_PORTS];

static _Atomic uint64_t made, destroyed;

static pj_status_t get_frame(pjmedia_port *port, pjmedia_frame *frame)
{
    pyj_tonegen *tonegen = port->port_data.pdata;
    pyj_on_tone_end out = {tonegen->id};
    pj_status_t status;
    int was_busy, ended;

    pthread_mutex_lock(&tonegen->mutex);
    was_busy = pjmedia_tonegen_is_busy(port);
    status = tonegen->get_frame(port, frame);
    ended = was_busy && !pjmedia_tonegen_is_busy(port);
    pthread_mutex_unlock(&tonegen->mutex);
    if (frame->type == PJMEDIA_FRAME_TYPE_NONE)
        frame->size = 0;
    if (ended)
        pyj_emit(PYJ_OnToneEnd, &out, NULL, PYJ_EMIT_REALTIME);
    return status;
}

/* The bridge is done with it; the generator's own pool went before. */
static void free_tonegen(void *arg)
{
    pyj_tonegen *tonegen = arg;
    pj_pool_t *pool = tonegen->pool;

    atomic_fetch_add(&destroyed, 1);
    pthread_mutex_destroy(&tonegen->mutex);
    free(tonegen);
    pj_pool_release(pool);
}

static pj_status_t make_port(pyj_tonegen *tonegen, unsigned clock_rate, unsigned channel_count, unsigned options)
{
    /* As long as the bridge's own frames: each is asked for once a tick. */
    unsigned frame = clock_rate * pjsua_var.media_cfg.audio_frame_ptime / 1000;
    pj_status_t status;

    status = pjmedia_tonegen_create(tonegen->pool, clock_rate, channel_count, frame * channel_count, 16, options,
                                    &tonegen->port);
    if (status != PJ_SUCCESS)
        return status;
    status = pjmedia_port_init_grp_lock(tonegen->port, tonegen->pool, NULL);
    if (status == PJ_SUCCESS)
        status = pj_grp_lock_add_handler(tonegen->port->grp_lock, NULL, tonegen, &free_tonegen);
    if (status != PJ_SUCCESS) {
        pjmedia_port_destroy(tonegen->port);
        return status;
    }
    tonegen->get_frame = tonegen->port->get_frame;
    tonegen->port->port_data.pdata = tonegen;
    tonegen->port->get_frame = &get_frame;
    return PJ_SUCCESS;
}

pj_status_t pyj_tonegen_create(unsigned clock_rate, unsigned channel_count, unsigned options, uint64_t serial,
                               int *id)
{
    pyj_tonegen *tonegen = calloc(1, sizeof(*tonegen));
    pj_status_t status;

    if (!tonegen)
        return PJ_ENOMEM;
    tonegen->pool = pjsua_pool_create("tone%p", 500, 500);
    status = tonegen->pool ? make_port(tonegen, clock_rate ? clock_rate : pjsua_var.media_cfg.clock_rate,
                                       channel_count, options) : PJ_ENOMEM;
    if (status != PJ_SUCCESS) {
        if (tonegen->pool)
            pj_pool_release(tonegen->pool);
        free(tonegen);
        return status;
    }
    pthread_mutex_init(&tonegen->mutex, NULL);
    atomic_fetch_add(&made, 1);
    status = pjsua_conf_add_port(tonegen->pool, tonegen->port, id);
    if (status == PJ_SUCCESS) {
        tonegen->id.id = *id;
        tonegen->id.serial = serial;
        tonegens[*id] = tonegen;
        pyj_slot_set(PYJ_TONEGENS, *id, serial);
    } else {
        pjmedia_port_destroy(tonegen->port);
    }
    return status;
}

pj_status_t pyj_tonegen_play(int id, unsigned count, const pjmedia_tone_desc *tones, unsigned options)
{
    pyj_tonegen *tonegen = tonegens[id];
    pj_status_t status;

    pthread_mutex_lock(&tonegen->mutex);
    status = pjmedia_tonegen_play(tonegen->port, count, tones, options);
    pthread_mutex_unlock(&tonegen->mutex);
    return status;
}

pj_status_t pyj_tonegen_play_digits(int id, unsigned count, const pjmedia_tone_digit *digits, unsigned options)
{
    pyj_tonegen *tonegen = tonegens[id];
    pj_status_t status;

    pthread_mutex_lock(&tonegen->mutex);
    status = pjmedia_tonegen_play_digits(tonegen->port, count, digits, options);
    pthread_mutex_unlock(&tonegen->mutex);
    return status;
}

pj_status_t pyj_tonegen_stop(int id)
{
    pyj_tonegen *tonegen = tonegens[id];
    pj_status_t status;

    pthread_mutex_lock(&tonegen->mutex);
    status = pjmedia_tonegen_stop(tonegen->port);
    pthread_mutex_unlock(&tonegen->mutex);
    return status;
}

pj_status_t pyj_tonegen_stop_loop(int id)
{
    return pjmedia_tonegen_stop_loop(tonegens[id]->port);
}

pj_status_t pyj_tonegen_rewind(int id)
{
    return pjmedia_tonegen_rewind(tonegens[id]->port);
}

int pyj_tonegen_is_busy(int id)
{
    return pjmedia_tonegen_is_busy(tonegens[id]->port);
}

void pyj_tonegen_get_digit_map(int id, pyj_digit_map *map)
{
    const pjmedia_tone_digit_map *now;

    pthread_mutex_lock(&tonegens[id]->mutex);
    pjmedia_tonegen_get_digit_map(tonegens[id]->port, &now);
    map->count = now->count;
    for (unsigned i = 0; i < now->count; i++) {
        map->digits[i] = now->digits[i].digit;
        map->freq1[i] = now->digits[i].freq1;
        map->freq2[i] = now->digits[i].freq2;
    }
    pthread_mutex_unlock(&tonegens[id]->mutex);
}

pj_status_t pyj_tonegen_set_digit_map(int id, const pyj_digit_map *map)
{
    pyj_tonegen *tonegen = tonegens[id];
    pj_status_t status;

    /* It is read when digits are played, and only then. */
    pthread_mutex_lock(&tonegen->mutex);
    tonegen->map.count = map->count;
    for (unsigned i = 0; i < map->count; i++) {
        tonegen->map.digits[i].digit = map->digits[i];
        tonegen->map.digits[i].freq1 = map->freq1[i];
        tonegen->map.digits[i].freq2 = map->freq2[i];
    }
    status = pjmedia_tonegen_set_digit_map(tonegen->port, &tonegen->map);
    pthread_mutex_unlock(&tonegen->mutex);
    return status;
}

void pyj_tonegen_destroy(int id)
{
    pjmedia_port *port = tonegens[id]->port;

    tonegens[id] = NULL;
    pyj_slot_set(PYJ_TONEGENS, id, 0);
    pjsua_conf_remove_port(id);
    pjmedia_port_destroy(port);
}

void pyj_tonegens_destroy(void)
{
    pyj_slots_enter(PYJ_TONEGENS);
    for (int id = 0; id < (int)PJ_ARRAY_SIZE(tonegens); id++)
        if (tonegens[id])
            pyj_tonegen_destroy(id);
    pyj_slot_leave(PYJ_TONEGENS);
}

void pyj_tonegen_census(uint64_t *made_so_far, uint64_t *destroyed_so_far)
{
    *destroyed_so_far = atomic_load(&destroyed);
    *made_so_far = atomic_load(&made);
}
