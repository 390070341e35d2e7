#include "tls.h"

#include <string.h>

static void describe_cert(const pj_ssl_cert_info *cert, pyj_tls_cert *out)
{
    if (!cert)
        return;
    out->subject_cn = cert->subject.cn;
    out->subject = cert->subject.info;
    out->issuer_cn = cert->issuer.cn;
    out->issuer = cert->issuer.info;
    out->valid_from = cert->validity.start;
    out->valid_until = cert->validity.end;
    out->raw = cert->raw;
    for (unsigned i = 0; i < cert->subj_alt_name.cnt && out->alt_name_cnt < PYJ_MAX_ALT_NAMES; i++)
        out->alt_names[out->alt_name_cnt++] = cert->subj_alt_name.entry[i].name;
}

void pyj_tls_describe(const pjsip_transport *tp, const pjsip_transport_state_info *info, pyj_tls_info *out)
{
    const pj_ssl_sock_info *ssl;
    const char *name;

    memset(out, 0, sizeof(*out));
    if (!info || !info->ext_info || (tp->key.type & ~PJSIP_TRANSPORT_IPV6) != PJSIP_TRANSPORT_TLS)
        return;
    ssl = ((const pjsip_tls_state_info *)info->ext_info)->ssl_sock_info;
    if (!ssl)
        return;
    out->established = ssl->established;
    out->proto = ssl->proto;
    out->verify_status = ssl->verify_status;
    name = ssl->established ? pj_ssl_cipher_name(ssl->cipher) : NULL;
    if (name)
        out->cipher = pj_str((char *)name);
    describe_cert(ssl->remote_cert_info, &out->remote_cert);
    describe_cert(ssl->local_cert_info, &out->local_cert);
}
