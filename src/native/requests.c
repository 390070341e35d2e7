#include "requests.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "ids.h"

/* The account as it was when it sent: by the time the answer comes its slot may be another's. */
typedef struct request {
    struct request *prev, *next;
    int sending, ended;
    unsigned long token;
    pyj_about about;
} request;

static request pending = {&pending, &pending, 0, 0, 0, {-1, -1, 0, 0}};
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static void erase(request *one)
{
    one->prev->next = one->next;
    one->next->prev = one->prev;
    free(one);
}

pj_status_t pyj_acc_send_request(pjsua_acc_id id, const pj_str_t *uri, const pj_str_t *method, unsigned long token,
                                 const pjsua_msg_data *msg_data)
{
    request *one = calloc(1, sizeof(*one));
    pj_status_t status;

    if (!one)
        return PJ_ENOMEM;
    one->sending = 1;
    one->token = token;
    one->about = pyj_about_acc(id);
    pthread_mutex_lock(&mutex);
    one->prev = pending.prev;
    one->next = &pending;
    pending.prev->next = one;
    pending.prev = one;
    pthread_mutex_unlock(&mutex);

    status = pjsua_acc_send_request(id, uri, method, NULL, one, msg_data);

    pthread_mutex_lock(&mutex);
    one->sending = 0;
    /* PJSIP calls back and returns the error as well. */
    if (one->ended)
        status = PJ_SUCCESS;
    if (one->ended || status != PJ_SUCCESS)
        erase(one);
    pthread_mutex_unlock(&mutex);
    return status;
}

int pyj_request_ended(void *token, const pjsip_event *event, pyj_about *about, pyj_on_acc_send_request *out)
{
    request *one = token;
    const pjsip_transaction *tsx = event->body.tsx_state.tsx;

    if (!one)
        return 0;
    out->status_code = tsx->status_code;
    out->reason = tsx->status_text;
    if (event->body.tsx_state.type == PJSIP_EVENT_RX_MSG)
        out->reason = event->body.tsx_state.src.rdata->msg_info.msg->line.status.reason;
    pthread_mutex_lock(&mutex);
    out->token = one->token;
    *about = one->about;
    one->ended = 1;
    if (!one->sending)
        erase(one);
    pthread_mutex_unlock(&mutex);
    return 1;
}

void pyj_requests_clear(void)
{
    while (pending.next != &pending)
        erase(pending.next);
}
