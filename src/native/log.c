#include "log.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include <pj/log.h>
#include <pjsua-lib/pjsua_internal.h>

#include "emit.h"
#include "events.h"

/* LONG_LINE: dumps of whole messages, which no media thread writes. */
enum { ERROR_SIZE = 256, LONG_LINE = 320 };

static _Thread_local char last_error[ERROR_SIZE];
static _Thread_local int muted;

void pyj_log_install(void)
{
    pj_log_set_log_func(&pyj_log_write);
    pj_log_set_decor(PJ_LOG_HAS_SENDER);
}

void pyj_log_write(int level, const char *data, int len)
{
    pyj_log_line line = {.level = level};

    while (len > 0 && (data[len - 1] == '\n' || data[len - 1] == '\r'))
        len--;
    if (level <= 1) {
        size_t n = len < ERROR_SIZE - 1 ? (size_t)len : ERROR_SIZE - 1;

        memcpy(last_error, data, n);
        last_error[n] = '\0';
        if (muted)
            return;
    }
    line.text.ptr = (char *)data;
    line.text.slen = len;
    pyj_emit(PYJ_LogLine, &line, NULL, PYJ_EMIT_DROPPABLE | (len < LONG_LINE ? PYJ_EMIT_REALTIME : 0));
}

void pyj_log_forget_error(void)
{
    last_error[0] = '\0';
}

const char *pyj_log_last_error(void)
{
    return last_error;
}

void pyj_log_mute_errors(int on)
{
    muted = on;
}

/* pjsua's own writer, which also writes the log file, and who is in it. */
static pj_log_func *writer = &pyj_log_write;
static _Atomic int inside, switching, capturing;
static int level_before;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static _Thread_local struct {
    int on;
    char *text;
    size_t len, size;
} captured;

static void capture(const char *data, size_t len)
{
    if (captured.len + len + 1 > captured.size) {
        size_t wanted = (captured.len + len + 1) * 2;
        char *memory = realloc(captured.text, wanted);

        if (!memory)
            return;
        captured.text = memory;
        captured.size = wanted;
    }
    memcpy(captured.text + captured.len, data, len);
    captured.len += len;
    captured.text[captured.len] = '\0';
}

static void guard(int level, const char *data, int len)
{
    if (captured.on) {
        /* Without the sender, right-aligned in a column. */
        enum { SENDER = 23 };

        if (len >= SENDER && data[SENDER - 1] == ' ') {
            data += SENDER;
            len -= SENDER;
        }
        capture(data, (size_t)len);
        if (!len || data[len - 1] != '\n')
            capture("\n", 1);
        return;
    }
    if (atomic_load(&capturing) && level > level_before)
        return;
    atomic_fetch_add(&inside, 1);
    if (atomic_load(&switching))
        pyj_log_write(level, data, len);
    else
        writer(level, data, len);
    atomic_fetch_sub(&inside, 1);
}

void pyj_log_take_over(void)
{
    if (pj_log_get_log_func() != &guard)
        writer = pj_log_get_log_func();
    pj_log_set_log_func(&guard);
}

/* pjsua closes the file while others may be writing to it: here they are let out first. */
pj_status_t pyj_log_reconfigure(const pjsua_logging_config *cfg)
{
    pj_status_t status;

    pthread_mutex_lock(&mutex);
    atomic_store(&switching, 1);
    while (atomic_load(&inside))
        pj_thread_sleep(1);
    if (pjsua_var.log_file) {
        pj_file_close(pjsua_var.log_file);
        pjsua_var.log_file = NULL;
    }
    status = pjsua_reconfigure_logging(cfg);
    pyj_log_take_over();
    atomic_store(&switching, 0);
    pthread_mutex_unlock(&mutex);
    return status;
}

int pyj_log_capture_begin(void)
{
    captured.text = malloc(1);
    if (!captured.text)
        return 0;
    captured.text[0] = '\0';
    captured.size = 1;
    captured.len = 0;
    pthread_mutex_lock(&mutex);
    level_before = pj_log_get_level();
    atomic_store(&capturing, 1);
    if (level_before < 3)
        pj_log_set_level(3);
    captured.on = 1;
    return 1;
}

char *pyj_log_capture_end(void)
{
    captured.on = 0;
    pj_log_set_level(level_before);
    atomic_store(&capturing, 0);
    pthread_mutex_unlock(&mutex);
    return captured.text;
}
