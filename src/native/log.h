/* PJSIP's log on its way to Python's logging: pushed to the queue, never written. */
#ifndef PYJ_LOG_H
#define PYJ_LOG_H

#include <pjsua-lib/pjsua.h>

/* Takes over PJLIB's log writer. Before every pjsua_create, which would print otherwise. */
void pyj_log_install(void);

/* pjsua_logging_config.cb and PJLIB's log function. Any thread, under any lock. */
void pyj_log_write(int level, const char *data, int len);

/* The last error PJSIP logged in this thread since it entered, "" for none. */
void pyj_log_forget_error(void);
const char *pyj_log_last_error(void);

/* For a call of this thread whose failure is expected: its errors are kept from the log, not from above. */
void pyj_log_mute_errors(int on);

/* Stands in front of the log writer pjsua_init has just installed. */
void pyj_log_take_over(void);
/* pjsua_reconfigure_logging while others may be logging. */
pj_status_t pyj_log_reconfigure(const pjsua_logging_config *cfg);

/* What this thread logs at level 3 or below until the end is kept from the log and returned, to be freed. One
 * thread at a time; 0 if there is no memory. */
int pyj_log_capture_begin(void);
char *pyj_log_capture_end(void);

#endif
