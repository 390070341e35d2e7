"""Digest by the examples of the RFCs, and the life of a nonce."""

from __future__ import annotations

import pytest

from pyjsua.testing.digest import Authenticator, Credentials, Verdict, digest_response

# RFC 7616 section 3.9.1, and RFC 2617 section 3.5 for the one without qop.
RFC_7616 = (
    'Digest username="Mufasa", realm="http-auth@example.org", uri="/dir/index.html", algorithm={algorithm},'
    ' nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", nc=00000001,'
    ' cnonce="f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ", qop=auth, response="{response}",'
    ' opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"'
)
RESPONSES = {
    "MD5": "8ca523f5e9506fed4657c9700eebdbec",
    "SHA-256": "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1",
}


@pytest.mark.parametrize("algorithm", RESPONSES)
def test_the_examples_of_rfc_7616(algorithm: str) -> None:
    response = RESPONSES[algorithm]
    credentials = Credentials.parse(RFC_7616.format(algorithm=algorithm, response=response))
    assert digest_response(credentials, "GET", "Circle of Life") == response


def test_without_qop() -> None:
    """RFC 2069 section 2.4 as its errata have it."""
    credentials = Credentials.parse(
        'Digest username="Mufasa", realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093",'
        ' uri="/dir/index.html", response="670fd8c2df070c60b045671b8b24ff02"'
    )
    assert digest_response(credentials, "GET", "Circle Of Life") == "670fd8c2df070c60b045671b8b24ff02"


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def answer(
    challenge: str,
    password: str = "secret",
    *,
    nc: int | str = 1,
    qop: str | None = "auth",
    method: str = "INVITE",
) -> Credentials:
    fields = dict(item.strip().split("=", 1) for item in challenge.removeprefix("Digest ").split(","))
    fields = {name: value.strip('"') for name, value in fields.items()}
    count = nc if isinstance(nc, str) else f"{nc:08x}"
    blank = Credentials(
        "1001", fields["realm"], fields["nonce"], "sip:x", "", fields["algorithm"], qop, "c", count
    )
    response = digest_response(blank, method, password)
    return Credentials("1001", blank.realm, blank.nonce, "sip:x", response, blank.algorithm, qop, "c", count)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def authenticator(clock: Clock) -> Authenticator:
    return Authenticator(("SHA-256", "MD5"), nonce_lifetime=10, clock=clock)


def test_right_and_wrong(authenticator: Authenticator) -> None:
    for challenge in authenticator.challenges("a.test"):
        assert authenticator.verify(answer(challenge, nc=1), "INVITE", "other") is Verdict.WRONG
        assert authenticator.verify(answer(challenge, nc=1), "INVITE", None) is Verdict.WRONG
        assert authenticator.verify(answer(challenge, "", nc=1), "INVITE", None) is Verdict.WRONG
        assert authenticator.verify(answer(challenge, nc=1), "BYE", "secret") is Verdict.WRONG
    assert authenticator.verify(answer(challenge, nc=1), "INVITE", "secret") is Verdict.OK


def test_the_count_must_rise(authenticator: Authenticator) -> None:
    challenge = authenticator.challenges("a.test")[0]
    verdicts = [authenticator.verify(answer(challenge, nc=nc), "INVITE", "secret") for nc in (1, 2, 2, 1, 5)]
    assert verdicts == [Verdict.OK, Verdict.OK, Verdict.STALE, Verdict.STALE, Verdict.OK]
    assert authenticator.verify(answer(challenge, nc="zzz"), "INVITE", "secret") is Verdict.STALE


def test_without_qop_a_nonce_is_good_once(authenticator: Authenticator) -> None:
    challenge = authenticator.challenges("a.test")[1]
    assert authenticator.verify(answer(challenge, qop=None), "INVITE", "secret") is Verdict.OK
    assert authenticator.verify(answer(challenge, qop=None), "INVITE", "secret") is Verdict.STALE


def test_a_nonce_grows_old(authenticator: Authenticator, clock: Clock) -> None:
    challenge = authenticator.challenges("a.test")[0]
    clock.now += 10
    assert authenticator.verify(answer(challenge, nc=1), "INVITE", "secret") is Verdict.OK
    clock.now += 0.1
    assert authenticator.verify(answer(challenge, nc=2), "INVITE", "secret") is Verdict.STALE
    # Whoever has the password wrong is not told that the nonce was old.
    assert authenticator.verify(answer(challenge, "wrong", nc=3), "INVITE", "secret") is Verdict.WRONG


def test_a_forged_nonce_is_stale(authenticator: Authenticator) -> None:
    forged = authenticator.challenges("a.test")[0]
    nonce = forged.split('nonce="')[1].split('"')[0]
    for other in ("", "x", "ffffffff" + nonce[6:], nonce[:-1] + "g", nonce.replace(".", ":")):
        challenge = forged.replace(nonce, other)
        assert authenticator.verify(answer(challenge), "INVITE", "secret") is Verdict.STALE


def test_challenges(authenticator: Authenticator) -> None:
    first, second = authenticator.challenges('quo"te\\', stale=True)
    assert first.startswith('Digest realm="quo\\"te\\\\", nonce="')
    assert "algorithm=SHA-256" in first
    assert "algorithm=MD5" in second
    assert first.endswith("stale=true")
    assert "stale" not in authenticator.challenges("a")[0]


def test_an_algorithm_not_offered_is_wrong() -> None:
    only = Authenticator(("SHA-256",))
    challenge = only.challenges("a")[0].replace("SHA-256", "MD5")
    assert only.verify(answer(challenge), "INVITE", "secret") is Verdict.WRONG


@pytest.mark.parametrize("algorithms", [(), ("SHA-1",), ("MD5", "")])
def test_no_such_algorithm(algorithms: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="algorithm"):
        Authenticator(algorithms)


@pytest.mark.parametrize(
    "value", ["", "Digest", "Basic x", 'Digest username="a', "Digest username=a, realm=b"]
)
def test_credentials_that_say_too_little(value: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - any text will do
        Credentials.parse(value)
