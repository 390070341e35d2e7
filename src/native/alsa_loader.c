#include "alsa_loader.h"

#ifdef __linux__

#include "alsa_calls.h"

#include <dlfcn.h>
#include <poll.h>
#include <pj/os.h>
#include <pjmedia-audiodev/audiodev_imp.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

struct pyj_alsa pyj_alsa;

static pthread_once_t once = PTHREAD_ONCE_INIT;
static char reason[256] = "libasound was never loaded";
static int loaded;

static _Atomic(snd_lib_error_handler_t) driver_handler;

/* libasound prints to stderr unless somebody takes its messages. alsa_dev.c does so from its first
 * enumeration to its end; the rest of the time, and in threads PJSIP does not know, they go nowhere. */
static void on_alsa_error(const char *file, int line, const char *function, int err, const char *fmt, ...)
{
    snd_lib_error_handler_t handler = atomic_load(&driver_handler);
    char text[256];
    va_list arguments;

    if (!handler || !pj_thread_is_registered())
        return;
    va_start(arguments, fmt);
    vsnprintf(text, sizeof(text), fmt, arguments);
    va_end(arguments);
    handler(file, line, function, err, "%s", text);
}

int pyj_alsa_set_error_handler(snd_lib_error_handler_t handler)
{
    atomic_store(&driver_handler, handler);
    return 0;
}

static void say_nothing(const char *message)
{
    (void)message;
}

/* libjack prints to stderr that no server runs. It is loaded by ALSA's jack plug-in only, so its handlers
 * can be set only once that device is about to be opened; a program that uses JACK itself keeps its own. */
static void silence_jack(void)
{
    static const char *const setters[] = {"jack_set_error_function", "jack_set_info_function"};
    void *jack = dlopen("libjack.so.0", RTLD_NOW | RTLD_LOCAL | RTLD_NOLOAD);
    size_t i;

    if (jack) {
        dlclose(jack);
        return;
    }
    jack = dlopen("libjack.so.0", RTLD_NOW | RTLD_LOCAL);
    if (!jack)
        return;
    for (i = 0; i < sizeof(setters) / sizeof(setters[0]); ++i) {
        void (*set)(void (*)(const char *));
        *(void **)&set = dlsym(jack, setters[i]);
        if (set)
            set(say_nothing);
    }
}

/* PipeWire's plug-in has no element until it has heard which sink is the default one, and does not wait for that: who
 * asks too soon finds no volume. */
int pyj_alsa_mixer_load(snd_mixer_t *mixer)
{
    const struct timespec pause = {0, 20000000};
    int status = pyj_alsa.snd_mixer_load(mixer);

    for (int i = 0; i < 5 && status >= 0 && !pyj_alsa.snd_mixer_first_elem(mixer); i++) {
        nanosleep(&pause, NULL);
        status = pyj_alsa.snd_mixer_load(mixer);
    }
    return status;
}

int pyj_alsa_pcm_open(snd_pcm_t **pcm, const char *name, snd_pcm_stream_t stream, int mode)
{
    static pthread_once_t jack_once = PTHREAD_ONCE_INIT;
    int status;

    if (strncmp(name, "jack", 4) == 0)
        pthread_once(&jack_once, silence_jack);
    status = pyj_alsa.snd_pcm_open(pcm, name, stream, mode);
    if (status >= 0)
        pyj_alsa.snd_pcm_nonblock(*pcm, 1);
    return status;
}

/* A sound server that stands still, or a driver that does, would hold whoever plays for ever, and with it whoever
 * closes the device and waits for him, under PJSUA_LOCK. */
#define STALL_SECONDS 5
#define SLICE_MS 100
#define DESCRIPTORS 8

static pthread_mutex_t stalled_mutex = PTHREAD_MUTEX_INITIALIZER;
static snd_pcm_t *stalled[8];

static int is_stalled(snd_pcm_t *pcm, int forget)
{
    int found = 0;

    pthread_mutex_lock(&stalled_mutex);
    for (size_t i = 0; i < sizeof(stalled) / sizeof(stalled[0]); i++) {
        if (stalled[i] == pcm) {
            found = 1;
            if (forget)
                stalled[i] = NULL;
        }
    }
    pthread_mutex_unlock(&stalled_mutex);
    return found;
}

static void remember_stalled(snd_pcm_t *pcm)
{
    pthread_mutex_lock(&stalled_mutex);
    for (size_t i = 0; i < sizeof(stalled) / sizeof(stalled[0]); i++) {
        if (!stalled[i]) {
            stalled[i] = pcm;
            break;
        }
    }
    pthread_mutex_unlock(&stalled_mutex);
}

static double now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* Not snd_pcm_wait: with a PulseAudio that stands still it asks again for ever, for the descriptor is ready while
 * the device is not. */
static void wait_a_little(snd_pcm_t *pcm, int refused)
{
    const struct timespec pause = {0, 2000000};
    struct pollfd descriptors[DESCRIPTORS];
    int count = refused ? 0 : pyj_alsa.snd_pcm_poll_descriptors(pcm, descriptors, DESCRIPTORS);

    if (count > 0)
        poll(descriptors, (nfds_t)count, SLICE_MS);
    else
        nanosleep(&pause, NULL);
}

/* alsa_dev.c has a thread for each direction of a device, prepares anew after -EPIPE, and asks no further. A sound
 * server that has gone answers with that for ever. */
static _Thread_local int prepare_status;
static _Thread_local unsigned broken;
#define MAX_BROKEN 50

int pyj_alsa_pcm_prepare(snd_pcm_t *pcm)
{
    return prepare_status = pyj_alsa.snd_pcm_prepare(pcm);
}

static snd_pcm_sframes_t move(snd_pcm_t *pcm, char *to, const char *from, snd_pcm_uframes_t size)
{
    double deadline = now() + STALL_SECONDS;
    snd_pcm_uframes_t done = 0;
    int refused = 0;

    if (prepare_status < 0)
        return -EIO;
    while (done < size) {
        pj_ssize_t offset = pyj_alsa.snd_pcm_frames_to_bytes(pcm, (snd_pcm_sframes_t)done);
        snd_pcm_sframes_t moved = to ? pyj_alsa.snd_pcm_readi(pcm, to + offset, size - done)
                                     : pyj_alsa.snd_pcm_writei(pcm, from + offset, size - done);

        if (moved > 0) {
            done += (snd_pcm_uframes_t)moved;
            deadline = now() + STALL_SECONDS;
            refused = 0;
            broken = 0;
            continue;
        }
        if (moved == -EPIPE && ++broken > 1) {
            wait_a_little(pcm, 1);
            return broken > MAX_BROKEN ? -EIO : -EPIPE;
        }
        if (moved < 0 && moved != -EAGAIN)
            return moved;
        if (now() > deadline) {
            remember_stalled(pcm);
            return -EIO;
        }
        wait_a_little(pcm, refused++);
    }
    return (snd_pcm_sframes_t)done;
}

snd_pcm_sframes_t pyj_alsa_pcm_readi(snd_pcm_t *pcm, void *buffer, snd_pcm_uframes_t size)
{
    return move(pcm, buffer, NULL, size);
}

snd_pcm_sframes_t pyj_alsa_pcm_writei(snd_pcm_t *pcm, const void *buffer, snd_pcm_uframes_t size)
{
    return move(pcm, NULL, buffer, size);
}

int pyj_alsa_pcm_drop(snd_pcm_t *pcm)
{
    /* It would wait for an answer of who gives none. */
    return is_stalled(pcm, 0) ? 0 : pyj_alsa.snd_pcm_drop(pcm);
}

static void *close_stalled(void *pcm)
{
    pyj_alsa.snd_pcm_close(pcm);
    return NULL;
}

int pyj_alsa_pcm_close(snd_pcm_t *pcm)
{
    pthread_t thread;

    if (is_stalled(pcm, 1) && pthread_create(&thread, NULL, close_stalled, pcm) == 0)
        return pthread_detach(thread);
    return pyj_alsa.snd_pcm_close(pcm);
}

static void load(void)
{
    /* Never unloaded: its plug-ins keep threads and exit handlers. */
    void *library = dlopen("libasound.so.2", RTLD_NOW | RTLD_LOCAL);
    const char *absent = NULL;

    if (!library) {
        const char *said = dlerror();
        snprintf(reason, sizeof(reason), "%s", said ? said : "libasound.so.2 cannot be loaded");
        return;
    }
#define PYJ_ALSA_FIND(name) \
    *(void **)&pyj_alsa.name = dlsym(library, #name); \
    if (!pyj_alsa.name) \
        absent = #name;
    PYJ_ALSA_FUNCTIONS(PYJ_ALSA_FIND)
    if (absent) {
        snprintf(reason, sizeof(reason), "libasound.so.2 has no %s", absent);
        return;
    }
    pyj_alsa.snd_lib_error_set_handler(on_alsa_error);
    loaded = 1;
}

int pyj_alsa_load(const char **why)
{
    pthread_once(&once, load);
    if (loaded)
        return 0;
    if (why)
        *why = reason;
    return -1;
}

/* Defined in PJSIP's alsa_dev.c, declared in audiodev.c only. */
pjmedia_aud_dev_factory *pjmedia_alsa_factory(pj_pool_factory *pf);

pjmedia_aud_dev_factory *pyj_alsa_factory(pj_pool_factory *pf)
{
    return pyj_alsa_load(NULL) == 0 ? pjmedia_alsa_factory(pf) : NULL;
}

#else

int pyj_alsa_load(const char **why)
{
    if (why)
        *why = "ALSA is Linux's";
    return -1;
}

pjmedia_aud_dev_factory *pyj_alsa_factory(pj_pool_factory *pf)
{
    (void)pf;
    return NULL;
}

#endif
