#include "log.h"

#include <string.h>

#include <pj/log.h>

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
