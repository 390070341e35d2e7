#include "uri.h"

#include <pjsua-lib/pjsua.h>
#include <pjsua-lib/pjsua_internal.h>

static pj_status_t verify(const pj_str_t *text, int any_scheme)
{
    pj_pool_t *pool = pjsua_pool_create("uri%p", 4000, 4000);
    pj_status_t status = PJSIP_EINVALIDURI;
    pjsip_uri *uri;
    pj_str_t copy;

    if (!pool)
        return PJ_ENOMEM;
    /* The parser wants a NUL at the end, and text it may write to. */
    pj_strdup_with_null(pool, &copy, text);
    uri = pjsip_parse_uri(pool, copy.ptr, (pj_size_t)copy.slen, 0);
    if (uri && (any_scheme || PJSIP_URI_SCHEME_IS_SIP(uri) || PJSIP_URI_SCHEME_IS_SIPS(uri)))
        status = PJ_SUCCESS;
    pj_pool_release(pool);
    return status;
}

pj_status_t pyj_verify_sip_uri(const pj_str_t *text)
{
    return verify(text, 0);
}

pj_status_t pyj_verify_uri(const pj_str_t *text)
{
    return verify(text, 1);
}
