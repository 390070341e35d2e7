/* Players that play once: told when they are through, and ready to be played again. */
#ifndef PYJ_PLAYERS_H
#define PYJ_PLAYERS_H

#include <stdint.h>

#include <pjsua-lib/pjsua.h>

/* pjsua_player_create; the player is known by `serial` when this returns. */
pj_status_t pyj_player_create(const pj_str_t *filename, unsigned options, uint64_t serial, pjsua_player_id *id);

/* Files to be played one after the other, and what is in all of them. */
typedef struct pyj_playlist {
    const pj_str_t *files;
    unsigned count;
    pj_str_t label;
    unsigned rate;
    unsigned channels;
    uint64_t shortest; /* bytes of sound */
    uint64_t bytes;    /* ... of all files */
} pyj_playlist;

/* pjsua_playlist_create. */
pj_status_t pyj_playlist_create(const pyj_playlist *list, unsigned options, uint64_t serial, pjsua_player_id *id);
/* pjsua_player_set_pos. */
pj_status_t pyj_player_set_pos(pjsua_player_id id, pj_uint32_t samples);

#endif
