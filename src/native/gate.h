/* The one way in for a thread that calls PJSIP: state, fork and thread registration in one check,
 * and a count of who is inside, so that destroy can wait for them. */
#ifndef PYJ_GATE_H
#define PYJ_GATE_H

#include <errno.h>

#include <pjsua-lib/pjsua.h>

/* Our own status codes, in the space PJLIB leaves to applications. */
#define PYJ_ERRNO_START (PJ_ERRNO_START_USER + PJ_ERRNO_SPACE_SIZE * 10)
#define PYJ_EFORKED (PYJ_ERRNO_START + 1)  /* this process is a fork of the one that runs PJSIP */
#define PYJ_ESTATE (PYJ_ERRNO_START + 2)   /* not before create, init or start; not after destroy */
#define PYJ_ESTALE (PYJ_ERRNO_START + 3)   /* the id's object has gone */
#define PYJ_ETHREAD (PYJ_ERRNO_START + 4)  /* not from a PJSIP thread */
#define PYJ_EHOOK (PYJ_ERRNO_START + 5)    /* not from a hook: PJSIP waits for it */
#define PYJ_ENOCLOCK (PYJ_ERRNO_START + 6)  /* the bridge's clock stands still */
#define PYJ_EUNHEARD (PYJ_ERRNO_START + 7)  /* nobody listens to the port */
#define PYJ_EADDRINUSE PJ_STATUS_FROM_OS(EADDRINUSE)

/* Enters if the library is at least in that state. Every successful enter wants its leave. */
pj_status_t pyj_enter(pjsua_state at_least);
void pyj_leave(void);

/* Life cycle. Each is safe against any other from any thread; a second destroy waits for the first. */
pj_status_t pyj_create(void);
pj_status_t pyj_init(const pjsua_config *ua, const pjsua_logging_config *log, const pjsua_media_config *media);
pj_status_t pyj_start(void);
/* Hangs up, unregisters and waits for the answers up to wait_ms, then destroys. */
pj_status_t pyj_destroy(unsigned flags, unsigned wait_ms);

/* pjsua's worker threads end; from then on somebody must call pjsua_handle_events. PYJ_ETHREAD from one of them. */
pj_status_t pyj_stop_worker_threads(void);
pj_status_t pyj_reconfigure_logging(const pjsua_logging_config *cfg);

/* pj_strerror that knows our own codes at any time: PJLIB forgets them with each destroy. */
pj_str_t pyj_strerror(pj_status_t status, char *buf, pj_size_t size);

pjsua_state pyj_state(void);
uint32_t pyj_epoch(void);
int pyj_forked(void);
int pyj_entrants(void);

#endif
