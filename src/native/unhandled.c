#include "unhandled.h"

#include <pjsua-lib/pjsua.h>

static int is_one_of(const pjsip_method *method, const char *const *names)
{
    for (; *names; names++)
        if (!pj_strcmp2(&method->name, *names))
            return 1;
    return 0;
}

static int code_for(const pjsip_method *method)
{
    static const char *const of_dialogs[] = {"BYE", "CANCEL", "INFO", "NOTIFY", "PRACK", "UPDATE", NULL};
    static const char *const of_servers[] = {"PUBLISH", "REGISTER", NULL};

    if (is_one_of(method, of_dialogs))
        return PJSIP_SC_CALL_TSX_DOES_NOT_EXIST;
    if (is_one_of(method, of_servers))
        return PJSIP_SC_METHOD_NOT_ALLOWED;
    /* In a call we do it, so 405 would contradict our Allow. */
    return pj_strcmp2(&method->name, "REFER") ? PJSIP_SC_NOT_IMPLEMENTED : PJSIP_SC_FORBIDDEN;
}

pj_bool_t pyj_unhandled_answer(pjsip_rx_data *rdata)
{
    const pjsip_method *method = &rdata->msg_info.msg->line.req.method;
    const pjsip_hdr *allow;
    pjsip_hdr headers;
    int code;

    /* An INVITE is pjsua's, which has its reasons where it says nothing. */
    if (method->id == PJSIP_ACK_METHOD || method->id == PJSIP_INVITE_METHOD)
        return PJ_FALSE;
    code = code_for(method);
    pj_list_init(&headers);
    allow = pjsip_endpt_get_capability(pjsua_get_pjsip_endpt(), PJSIP_H_ALLOW, NULL);
    if (allow && (code == PJSIP_SC_METHOD_NOT_ALLOWED || code == PJSIP_SC_NOT_IMPLEMENTED))
        pj_list_push_back(&headers, pjsip_hdr_clone(rdata->tp_info.pool, allow));
    pjsip_endpt_respond_stateless(pjsua_get_pjsip_endpt(), rdata, code, NULL, &headers, NULL);
    return PJ_TRUE;
}
