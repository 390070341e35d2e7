/* Compiled ahead of PJSIP's echo_speex.c (gcc -include). libspeexdsp's own pair of speex_echo_playback and
 * speex_echo_capture says on stderr whenever one was called without the other, which happens as often as a
 * sound device starts or stutters. This is the same pair over speex_echo_cancellation, and says nothing. */
#ifndef PYJ_SPEEX_CALLS_H
#define PYJ_SPEEX_CALLS_H

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <speex/speex_echo.h>

/* Frames that are on their way to the loudspeaker when the microphone hears the first of them. */
#define PYJ_ECHO_DELAY 2

typedef struct pyj_echo {
    struct pyj_echo *next;
    SpeexEchoState *state;
    size_t size; /* samples of a frame */
    int started; /* the microphone has been heard */
    unsigned held;
    spx_int16_t *played; /* PYJ_ECHO_DELAY + 1 frames, and one in use */
} pyj_echo;

static pthread_mutex_t pyj_echoes_lock = PTHREAD_MUTEX_INITIALIZER;
static pyj_echo *pyj_echoes;

static inline SpeexEchoState *pyj_echo_init(int frame_size, int filter_length, int microphones, int speakers)
{
    pyj_echo *echo = calloc(1, sizeof(*echo));

    if (!echo)
        return NULL;
    echo->size = (size_t)frame_size * (size_t)speakers;
    echo->played = calloc(echo->size * (PYJ_ECHO_DELAY + 2), sizeof(*echo->played));
    if (echo->played)
        echo->state = speex_echo_state_init_mc(frame_size, filter_length, microphones, speakers);
    if (!echo->state) {
        free(echo->played);
        free(echo);
        return NULL;
    }
    pthread_mutex_lock(&pyj_echoes_lock);
    echo->next = pyj_echoes;
    pyj_echoes = echo;
    pthread_mutex_unlock(&pyj_echoes_lock);
    return echo->state;
}

static inline void pyj_echo_destroy(SpeexEchoState *state)
{
    pyj_echo **at = &pyj_echoes, *echo;

    pthread_mutex_lock(&pyj_echoes_lock);
    while ((*at)->state != state)
        at = &(*at)->next;
    echo = *at;
    *at = echo->next;
    pthread_mutex_unlock(&pyj_echoes_lock);
    speex_echo_state_destroy(state);
    free(echo->played);
    free(echo);
}

static inline pyj_echo *pyj_echo_of(SpeexEchoState *state)
{
    pyj_echo *echo = pyj_echoes;

    while (echo->state != state)
        echo = echo->next;
    return echo;
}

static inline void pyj_echo_reset(SpeexEchoState *state)
{
    pyj_echo *echo;

    speex_echo_state_reset(state);
    pthread_mutex_lock(&pyj_echoes_lock);
    echo = pyj_echo_of(state);
    echo->held = 0;
    echo->started = 0;
    pthread_mutex_unlock(&pyj_echoes_lock);
}

static inline void pyj_echo_playback(SpeexEchoState *state, const spx_int16_t *frame)
{
    pyj_echo *echo;

    pthread_mutex_lock(&pyj_echoes_lock);
    echo = pyj_echo_of(state);
    if (echo->started && echo->held <= PYJ_ECHO_DELAY) {
        /* One that comes late stands for the one before it too. */
        unsigned times = echo->held + 1 < PYJ_ECHO_DELAY ? 2 : 1;

        while (times--)
            memcpy(echo->played + echo->held++ * echo->size, frame, echo->size * sizeof(*frame));
    }
    pthread_mutex_unlock(&pyj_echoes_lock);
}

static inline void pyj_echo_capture(SpeexEchoState *state, const spx_int16_t *heard, spx_int16_t *out)
{
    spx_int16_t *now = NULL;
    pyj_echo *echo;

    pthread_mutex_lock(&pyj_echoes_lock);
    echo = pyj_echo_of(state);
    echo->started = 1;
    if (echo->held) {
        now = echo->played + (PYJ_ECHO_DELAY + 1) * echo->size;
        memcpy(now, echo->played, echo->size * sizeof(*now));
        echo->held--;
        memmove(echo->played, echo->played + echo->size, echo->held * echo->size * sizeof(*now));
    }
    pthread_mutex_unlock(&pyj_echoes_lock);
    if (now)
        speex_echo_cancellation(state, heard, now, out);
    else
        memcpy(out, heard, echo->size * sizeof(*out));
}

#define speex_echo_state_init_mc pyj_echo_init
#define speex_echo_state_destroy pyj_echo_destroy
#define speex_echo_state_reset pyj_echo_reset
#define speex_echo_playback pyj_echo_playback
#define speex_echo_capture pyj_echo_capture

#endif
