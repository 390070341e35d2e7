/* Headers on what PJSIP sends by itself: a module just above the printing of messages adds them.
 *
 * What they are for is said by rules, kept with a call's dialog or an account: a method, and the status codes of
 * the response to it (0 for the request). They are printed and taken out of the message again, so that the answers
 * PJSIP makes of one another do not inherit them; a retransmission is the text that was printed. */
#ifndef PYJ_TX_HEADERS_H
#define PYJ_TX_HEADERS_H

#include <pjsua-lib/pjsua.h>

enum {
    PYJ_MAX_ADDED = 8000, /* bytes of headers in one rule: half a packet */
    PYJ_MAX_RULES = 64,   /* of one call or account */
};

typedef enum pyj_rule_life {
    PYJ_RULE_STAYS,
    PYJ_RULE_ONCE,    /* gone with the first message it is for */
    PYJ_RULE_GOODBYE, /* of a hang-up: whichever message ends the call */
} pyj_rule_life;

typedef struct pyj_rule {
    struct pyj_rule *next;
    pyj_rule_life life;
    int lowest, highest; /* status codes; 0 is the request */
    char method[68];     /* empty for any */
    unsigned len;
    char text[]; /* "Name: value\r\nName: value" */
} pyj_rule;

void pyj_rules_free(pyj_rule **rules);

/* The rule in place of the one for the same messages, an empty text for none. PJ_ETOOMANY, PJ_ENOMEM. For a call
 * whose dialog is held, and an account that is entered. */
pj_status_t pyj_call_headers_set(pjsua_call_id id, const pj_str_t *method, int lowest, int highest, int once,
                                 const pj_str_t *text);
pj_status_t pyj_acc_headers_set(pjsua_acc_id id, const pj_str_t *method, int lowest, int highest,
                                const pj_str_t *text);

/* The account's own address has changed, or the account has gone. */
void pyj_acc_headers_moved(pjsua_acc_id id);
void pyj_acc_headers_drop(uint64_t serial);
int pyj_acc_headers_any(void);
/* PJSIP has found whose an incoming request is, and is about to answer it in this thread. */
void pyj_headers_incoming(const pjsip_rx_data *rdata, pjsua_acc_id id);
void pyj_headers_clear(void);

/* pjsua_call_hangup. What ends the call has the headers, also where PJSIP makes it later: a CANCEL that waits for
 * a provisional response, the BYE after a 200 that crossed it. The dialog is held. */
pj_status_t pyj_call_hangup(pjsua_call_id id, unsigned code, const pj_str_t *reason, const pjsua_msg_data *msg_data);
int pyj_has_headers(const pjsua_msg_data *msg_data);
/* The headers of msg_data, for the next message of a kind in the call; the dialog is held. They are taken back where
 * there was none. */
pj_status_t pyj_call_headers_once(pjsua_call_id id, const pj_str_t *method, int lowest, int highest,
                                  const pjsua_msg_data *msg_data);
void pyj_call_headers_unused(pjsua_call_id id, const pj_str_t *method, int lowest, int highest,
                             const pjsua_msg_data *msg_data);
/* pjsua_call_answer2, or pjsua_call_answer_with_sdp where there is one. The headers are on this answer alone: PJSIP
 * would repeat them in every later one, which it makes of the one before. The dialog is held. */
pj_status_t pyj_answer_with_headers(pjsua_call_id id, const pjmedia_sdp_session *sdp, const pjsua_call_setting *opt,
                                    unsigned code, const pj_str_t *reason, const pjsua_msg_data *msg_data);

pj_status_t pyj_tx_headers_register(pjsip_endpoint *endpt);

#endif
