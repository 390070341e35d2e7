/* Hooks: Python functions that decide something PJSIP cannot wait long for.
 *
 * PJSIP's thread leaves the question and waits, without ever touching the GIL, for an answer up to the deadline;
 * a thread of Python's takes the questions one by one. Whatever Python does meanwhile, PJSIP goes on in time with
 * the policy's answer. With no hook set nothing here is entered. */
#ifndef PYJ_HOOKS_H
#define PYJ_HOOKS_H

#include <stdint.h>

#include <pjsua-lib/pjsua.h>

#include "emit.h"
#include "events_decision.h"
#include "record.h"

/* What a hook answered; which part counts is a matter of the kind. */
typedef struct pyj_answer {
    int given;
    int number;                 /* status code, operation, account */
    char reason[128];
    int has_setting;
    pjsua_call_setting setting;
    pyj_stream_setting stream;
    char *text;                 /* SDP, from malloc */
    uint32_t text_len;
} pyj_answer;

typedef struct pyj_question {
    struct pyj_question *next;
    uint64_t serial; /* its memory is soon another's */
    pyj_record *record;
    pyj_answer answer;
    int state;
} pyj_question;

typedef struct pyj_hook_stats {
    uint64_t asked;
    uint64_t answered;
    uint64_t late;   /* the deadline passed */
    uint64_t busy;   /* not even asked: an earlier hook is past its deadline */
} pyj_hook_stats;

/* PJSIP's side. 1 if the hook decided; answer->text is then the caller's to free. The message is borrowed. */
int pyj_hook_set(uint16_t kind);
int pyj_hook_ask(uint16_t kind, const void *payload, const pyj_about *about, pyj_message *message, pyj_answer *answer);

/* Python's side: a generation of hooks lives from open to close. */
void pyj_hooks_want(uint16_t kind, int on);
uint32_t pyj_hooks_open(unsigned deadline_ms);
void pyj_hooks_close(void);
/* Waits for a question; NULL once the generation is closed. The taking thread is a hook until it finishes. */
pyj_question *pyj_hook_take(uint32_t generation);
/* Gives the answer, whose text is taken over; 0 if it came too late. */
int pyj_hook_finish(pyj_question *question, const pyj_answer *answer);
/* Waits for a hook past its deadline: the question's serial; 0 once the generation is closed. */
uint64_t pyj_hook_overdue(uint32_t generation);

/* Whether this thread runs a hook: it may not come in through the gate, where PJSIP waits for it. */
int pyj_in_hook(void);
void pyj_hook_get_stats(pyj_hook_stats *stats);

#endif
