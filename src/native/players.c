#include "players.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <pj/lock.h>
#include <pjsua-lib/pjsua_internal.h>

#include "emit.h"
#include "events.h"
#include "ids.h"

/* Stands between the bridge and a port that plays once. The bridge turns off for good a port that answers
 * PJ_EEOF, and PJMEDIA's own callbacks for the end of a file either go through a queue of 16 or want the
 * clock to wait; a playlist that does not loop loses what is in its last buffer. */
typedef struct pyj_player {
    pthread_mutex_t mutex; /* a new position and the end of the file are one or the other */
    pj_status_t (*get_frame)(pjmedia_port *port, pjmedia_frame *frame);
    int id;
    uint64_t serial;
    int counted;   /* a playlist: it loops, and its end is found by counting */
    uint64_t left; /* ... these bytes */
    int ended;
    unsigned moves;
    char label[]; /* of a playlist: PJMEDIA keeps a pointer to the caller's */
} pyj_player;

static void tell_end(const pyj_player *player)
{
    pyj_on_player_eof out = {{player->id, player->serial}, player->moves};

    pyj_emit(PYJ_OnPlayerEof, &out, NULL, PYJ_EMIT_REALTIME);
}

static pj_status_t count_frame(pyj_player *player, pjmedia_port *port, pjmedia_frame *frame)
{
    pj_status_t status;

    if (!player->left)
        return PJ_EEOF;
    status = player->get_frame(port, frame);
    if (status == PJ_SUCCESS && frame->size >= player->left) {
        memset((char *)frame->buf + player->left, 0, frame->size - player->left);
        player->left = 0;
    } else if (status == PJ_SUCCESS) {
        player->left -= frame->size;
    }
    return status;
}

static pj_status_t get_frame(pjmedia_port *port, pjmedia_frame *frame)
{
    pyj_player *player = port->port_data.pdata;
    pj_status_t status = PJ_EEOF;

    pthread_mutex_lock(&player->mutex);
    if (!player->ended)
        status = player->counted ? count_frame(player, port, frame) : player->get_frame(port, frame);
    if (status == PJ_EEOF) {
        if (!player->ended)
            tell_end(player);
        player->ended = 1;
        frame->type = PJMEDIA_FRAME_TYPE_NONE;
        frame->size = 0;
        status = PJ_SUCCESS;
    }
    pthread_mutex_unlock(&player->mutex);
    return status;
}

static void free_player(void *arg)
{
    pyj_player *player = arg;

    pthread_mutex_destroy(&player->mutex);
    free(player);
}

static pj_status_t stand_between(pjsua_player_id id, uint64_t serial, const pj_str_t *label, pyj_player **made)
{
    size_t size = label && label->slen > 0 ? (size_t)label->slen : 0;
    pjmedia_port *port;
    pyj_player *player = calloc(1, sizeof(*player) + size);
    pj_status_t status = player ? pjsua_player_get_port(id, &port) : PJ_ENOMEM;

    /* The port outlives its id, by as much as the bridge needs to let go of it. */
    if (status == PJ_SUCCESS)
        status = pj_grp_lock_add_handler(port->grp_lock, NULL, player, &free_player);
    if (status != PJ_SUCCESS) {
        free(player);
        return status;
    }
    pthread_mutex_init(&player->mutex, NULL);
    player->get_frame = port->get_frame;
    player->id = id;
    player->serial = serial;
    if (size) {
        memcpy(player->label, label->ptr, size);
        port->info.name.ptr = player->label;
    }
    port->port_data.pdata = player;
    port->get_frame = &get_frame;
    *made = player;
    return PJ_SUCCESS;
}

static pj_status_t finish(pj_status_t status, pjsua_player_id *id, uint64_t serial)
{
    if (status == PJ_SUCCESS) {
        pyj_slot_set(PYJ_PLAYERS, *id, serial);
    } else {
        pjsua_player_destroy(*id);
        *id = PJSUA_INVALID_ID;
    }
    return status;
}

pj_status_t pyj_player_create(const pj_str_t *filename, unsigned options, uint64_t serial, pjsua_player_id *id)
{
    pj_status_t status = pjsua_player_create(filename, options, id);
    pyj_player *player;

    if (status != PJ_SUCCESS)
        return status;
    if (options & PJMEDIA_FILE_NO_LOOP)
        status = stand_between(*id, serial, NULL, &player);
    return finish(status, id, serial);
}

/* A frame longer than the buffer is read from beyond it. */
static pj_status_t check_frame(const pyj_playlist *list)
{
    uint64_t ptime = pjsua_var.mconf_cfg.samples_per_frame * 1000 / pjsua_var.media_cfg.clock_rate;
    uint64_t frame = ptime * list->rate * list->channels * 2 / 1000;

    if (frame > PJMEDIA_FILE_PORT_BUFSIZE)
        return PJMEDIA_EWAVEUNSUPP;
    return frame > list->shortest ? PJMEDIA_EWAVETOOSHORT : PJ_SUCCESS;
}

pj_status_t pyj_playlist_create(const pyj_playlist *list, unsigned options, uint64_t serial, pjsua_player_id *id)
{
    pj_status_t status = check_frame(list);
    pyj_player *player;

    if (status == PJ_SUCCESS)
        status = pjsua_playlist_create(list->files, list->count, &list->label, options & ~PJMEDIA_FILE_NO_LOOP, id);
    if (status != PJ_SUCCESS)
        return status;
    status = stand_between(*id, serial, &list->label, &player);
    if (status == PJ_SUCCESS && options & PJMEDIA_FILE_NO_LOOP) {
        player->counted = 1;
        player->left = list->bytes;
    }
    return finish(status, id, serial);
}

pj_status_t pyj_player_set_pos(pjsua_player_id id, pj_uint32_t samples)
{
    pjmedia_wav_player_info info;
    pjmedia_port *port;
    pyj_player *player;
    pj_status_t status = pjsua_player_get_port(id, &port);

    if (status != PJ_SUCCESS)
        return status;
    if (port->info.signature == PJMEDIA_SIG_PORT_WAV_PLAYLIST)
        return PJ_EINVALIDOP;
    status = pjmedia_wav_player_get_info(port, &info);
    if (status != PJ_SUCCESS)
        return status;
    /* pjsua makes bytes of it, in 32 bits. */
    if (samples > UINT32_MAX / (info.payload_bits_per_sample / 8))
        return PJ_EINVAL;
    player = port->get_frame == &get_frame ? port->port_data.pdata : NULL;
    if (!player)
        return pjsua_player_set_pos(id, samples);
    pthread_mutex_lock(&player->mutex);
    status = pjsua_player_set_pos(id, samples);
    if (status == PJ_SUCCESS) {
        player->ended = 0;
        player->moves++;
    }
    pthread_mutex_unlock(&player->mutex);
    return status;
}
