# Challenges answered later.

def auth_challenge_respond(challenge: int, cred_info: object = None) -> None:
    """Sends a challenged request again with credentials (`pjsip_auth_clt_async_send_req`).

    `challenge` is `OnAuthChallenge.challenge`, `cred_info` a sequence of `CredInfo`; without it the account's own
    are used, or those a call began with whose account has gone. Raises `StaleError` if the challenge was answered,
    abandoned or went with its call or account, and what PJSIP says where no credential fits the realm: then the
    challenge still waits.
    """
    cdef Arena arena = Arena()
    cdef int number = <int>as_number(challenge, "challenge", 1, 2147483647)
    cdef unsigned count = 0
    cdef pj.pjsip_cred_info *creds = NULL
    cdef pj.pj_status_t status
    if cred_info is not None:
        if isinstance(cred_info, (str, bytes)) or not hasattr(cred_info, "__len__"):
            raise TypeError(f"cred_info: a sequence of CredInfo expected, not {type(cred_info).__name__}")
        given = tuple(cred_info)
        count = len(given)
        if not 1 <= count <= pj.PJSUA_ACC_MAX_PROXIES:
            raise ValueError(f"cred_info: {count} given, 1 to {pj.PJSUA_ACC_MAX_PROXIES} expected")
        creds = <pj.pjsip_cred_info *>arena.block(count * sizeof(pj.pjsip_cred_info))
        for i, one in enumerate(given):
            fill(arena, native.PYJ_CredInfo, &creds[i], one, f"cred_info[{i}]")
    with nogil:
        status = native.pyj_enter(pj.PJSUA_STATE_RUNNING)
        if status == pj.PJ_SUCCESS:
            status = native.pyj_challenge_respond(number, count, creds)
            native.pyj_leave()
    check(status, "pjsip_auth_clt_async_send_req", "challenge", challenge)


def auth_challenge_abandon(challenge: int) -> None:
    """Leaves a challenge unanswered: the request has failed (`pjsip_auth_clt_async_abandon`)."""
    cdef int number = <int>as_number(challenge, "challenge", 1, 2147483647)
    cdef pj.pj_status_t status
    with nogil:
        status = native.pyj_enter(pj.PJSUA_STATE_RUNNING)
        if status == pj.PJ_SUCCESS:
            status = native.pyj_challenge_abandon(number)
            native.pyj_leave()
    check(status, "pjsip_auth_clt_async_abandon", "challenge", challenge)
