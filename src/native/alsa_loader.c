#include "alsa_loader.h"

#ifdef __linux__

#include "alsa_calls.h"

#include <dlfcn.h>
#include <pj/os.h>
#include <pjmedia-audiodev/audiodev_imp.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

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

int pyj_alsa_pcm_open(snd_pcm_t **pcm, const char *name, snd_pcm_stream_t stream, int mode)
{
    static pthread_once_t jack_once = PTHREAD_ONCE_INIT;

    if (strncmp(name, "jack", 4) == 0)
        pthread_once(&jack_once, silence_jack);
    return pyj_alsa.snd_pcm_open(pcm, name, stream, mode);
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
