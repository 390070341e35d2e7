#include "im_challenge.h"

static int is_auth(const pjsip_hdr *hdr)
{
    return hdr->type == PJSIP_H_AUTHORIZATION || hdr->type == PJSIP_H_PROXY_AUTHORIZATION;
}

static const pjsip_digest_credential *sent_for(const pjsip_msg *msg, const pj_str_t *realm)
{
    for (const pjsip_hdr *hdr = msg->hdr.next; hdr != &msg->hdr; hdr = hdr->next) {
        const pjsip_authorization_hdr *auth = (const pjsip_authorization_hdr *)hdr;

        if (is_auth(hdr) && auth->credential.digest.response.slen
            && pj_stricmp(&auth->credential.digest.realm, realm) == 0)
            return &auth->credential.digest;
    }
    return NULL;
}

void pyj_im_challenge(const pjsua_on_auth_challenge_param *param)
{
    static const pj_str_t message = {"MESSAGE", 7};
    const pjsip_msg *sent = param->tdata->msg;
    pjsip_msg *msg = param->rdata->msg_info.msg; /* ours to change: nobody else reads it any more */

    if (param->call_id >= 0 || pj_strcmp(&sent->line.req.method.name, &message) != 0)
        return;
    for (pjsip_hdr *hdr = msg->hdr.next; hdr != &msg->hdr; hdr = hdr->next) {
        pjsip_digest_challenge *digest = &((pjsip_www_authenticate_hdr *)hdr)->challenge.digest;
        const pjsip_digest_credential *before;

        if (hdr->type != PJSIP_H_WWW_AUTHENTICATE && hdr->type != PJSIP_H_PROXY_AUTHENTICATE)
            continue;
        before = digest->stale ? NULL : sent_for(sent, &digest->realm);
        /* By which pjsip knows that it is no use. */
        if (before)
            digest->nonce = before->nonce;
    }
}
