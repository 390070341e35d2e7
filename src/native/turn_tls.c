/* pj_turn_sock_tls_cfg_dup copies every string of the TLS settings of TURN but cert_lookup.keyword, which goes on
 * pointing into what the caller lent. The linker has PJSUA's calls of it come here. */
#include <pjnath.h>
#include <pjlib.h>

void __real_pj_turn_sock_tls_cfg_dup(pj_pool_t *pool, pj_turn_sock_tls_cfg *dst, const pj_turn_sock_tls_cfg *src);
void __wrap_pj_turn_sock_tls_cfg_dup(pj_pool_t *pool, pj_turn_sock_tls_cfg *dst, const pj_turn_sock_tls_cfg *src);

void __wrap_pj_turn_sock_tls_cfg_dup(pj_pool_t *pool, pj_turn_sock_tls_cfg *dst, const pj_turn_sock_tls_cfg *src)
{
    __real_pj_turn_sock_tls_cfg_dup(pool, dst, src);
    pj_strdup_with_null(pool, &dst->cert_lookup.keyword, &src->cert_lookup.keyword);
}
