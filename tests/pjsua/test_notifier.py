"""Event packages that an account serves: those who subscribe are written by hand on a raw UDP client."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from peers.message import Message
from peers.wire import WireClient
from pjsua.phone import Phone, same, until
from pjsua.subscriber import Subscriber
from pyjsua import pjsua as pj

WEATHER = "text/x-weather"


@pytest.fixture
def wire() -> Iterator[WireClient]:
    with WireClient() as client:
        yield client


def serving(phone: Phone, event: str = "x-weather", **options: Any) -> pj.AccId:
    account = phone.account("a")
    pj.acc_register_pkg(account, event, **options)
    return account


def subscriber(phone: Phone, wire: WireClient, event: str = "x-weather") -> Subscriber:
    return Subscriber(wire, phone.uri("a"), (phone.host, phone.port), event)


def body(text: str, content_type: str = WEATHER) -> pj.MsgData:
    return pj.MsgData(content_type=content_type, msg_body=text)


def accepted(phone: Phone, far: Subscriber, expires: int | None = 600, count: int = 1) -> pj.SubscriberId:
    """A subscription that was accepted; the event is the `count`th."""
    far.send(expires)
    found = pj.subscribe_respond(phone.wait(pj.OnSubscribe, count=count).request, 200)
    assert found is not None
    assert far.response().status == 200
    return found


def wait_asked(phone: Phone, far: Subscriber) -> pj.OnSubscribe:
    def is_this(event: pj.OnSubscribe) -> bool:
        return event.message is not None and event.message.header("Call-ID") == far.call_id

    return phone.wait(pj.OnSubscribe, is_this)


def state_of(notify: Message) -> tuple[str, dict[str, str]]:
    """The state of a NOTIFY, and its parameters."""
    state, *params = (notify.header("subscription-state") or "").split(";")
    return state, dict(one.partition("=")[::2] for one in params)


def ended(phone: Phone, which: pj.SubscriberId) -> pj.OnSubscriberState:
    return phone.wait(
        pj.OnSubscriberState,
        lambda event: same(event.subscriber, which) and event.state is pj.EvsubState.TERMINATED,
    )


def test_from_its_beginning_to_its_end(phone: Phone, wire: WireClient) -> None:
    account = serving(phone, accept=(WEATHER, "text/plain"))
    far = subscriber(phone, wire, "x-weather;id=17")
    far.send(600, {"Accept": "text/plain;q=0.5, text/*", "X-Why": "so"})
    asked = phone.wait(pj.OnSubscribe)
    assert same(asked.acc_id, account)
    assert (asked.event, asked.event_id, asked.expires, asked.wait_ms) == ("x-weather", "17", 600, 20000)
    assert asked.from_uri == f"<sip:wire@{wire.host}:{wire.port}>"
    assert asked.message is not None
    assert asked.message.header("X-Why") == "so"

    answer = pj.MsgData(hdr_list=[("X-Here", "you are")])
    one = pj.subscribe_respond(asked.request, 202, None, answer)
    assert isinstance(one, pj.SubscriberId)
    response = far.response()
    assert (response.status, response.header("expires"), response.header("x-here")) == (202, "600", "you are")
    with pytest.raises(pj.StaleError, match="request"):
        pj.subscribe_respond(asked.request, 200)

    data = body("sunny")
    data.hdr_list = [("X-From", "us")]
    cseq = pj.subscriber_notify(one, pj.EvsubState.ACTIVE, msg_data=data)
    first = far.told()
    assert first.cseq == (cseq, "NOTIFY")
    assert (first.header("event"), first.header("content-type"), first.body) == (
        "x-weather;id=17",
        WEATHER,
        "sunny",
    )
    assert first.header("x-from") == "us"
    assert first.header("allow-events") == "presence, x-weather"
    state, params = state_of(first)
    assert state == "active"
    assert 590 <= int(params["expires"]) <= 600
    told = phone.wait(pj.OnNotifyStatus)
    assert (told.cseq, told.status_code, same(told.subscriber, one)) == (cseq, 200, True)
    assert phone.wait(pj.OnSubscriberState).state is pj.EvsubState.ACTIVE

    # A refresh is told what was told last.
    assert far.subscribe(300).header("expires") == "300"
    again = far.told(2)
    assert (again.body, again.header("x-from")) == ("sunny", "us")
    assert 290 <= int(state_of(again)[1]["expires"]) <= 300
    refresh = phone.wait(pj.OnSubscriberRefresh)
    assert (refresh.expires, same(refresh.subscriber, one)) == (300, True)

    # And so is the end.
    assert far.subscribe(0).status == 200
    last = far.told(3)
    assert (last.body, state_of(last)) == ("sunny", ("terminated", {"reason": "timeout"}))
    assert phone.wait(pj.OnSubscriberRefresh, count=2).expires == 0
    over = ended(phone, one)
    assert (over.status_code, over.reason) == (0, "timeout")
    with pytest.raises(pj.StaleError, match="subscriber"):
        pj.subscriber_notify(one, pj.EvsubState.ACTIVE)
    # What has ended is not there any more.
    assert far.subscribe(300).status == 481


def test_it_is_refused_by_the_program(phone: Phone, wire: WireClient) -> None:
    serving(phone)
    far = subscriber(phone, wire)
    far.send()
    asked = phone.wait(pj.OnSubscribe)
    refusal = pj.MsgData(hdr_list=[("Retry-After", "17")])
    assert pj.subscribe_respond(asked.request, 486, "Not now", refusal) is None
    response = far.response()
    assert "486 Not now" in response.start_line
    assert response.header("retry-after") == "17"
    assert not far.notifies()


def test_what_is_refused_without_asking(phone: Phone, wire: WireClient) -> None:
    account = serving(phone, accept=(WEATHER,), expires=3600, min_expires=60)
    pj.acc_register_pkg(account, "x-other")

    def refused(event: str, expires: int | None = 600, headers: dict[str, str] | None = None) -> Message:
        return subscriber(phone, wire, event).subscribe(expires, headers)

    for event in ("conference", "x-weather.winfo", "refer"):
        unknown = refused(event)
        assert unknown.status == 489
        assert unknown.header("allow-events") == "presence, x-weather, x-other"
    assert refused("").status == 400
    for accept in ("text/plain", "application/*, text/x-weath", ""):
        wrong = refused("x-weather", 600, {"Accept": accept})
        assert (wrong.status, wrong.header("accept")) == (406, WEATHER)
    brief = refused("x-weather", 59)
    assert (brief.status, brief.header("min-expires")) == (423, "60")
    text = wire.request("SUBSCRIBE", phone.uri("a"), call_id="no-contact", headers={"Event": "x-weather"})
    wire.send(text.replace(f"Contact: <sip:wire@{wire.host}:{wire.port}>\r\n", ""), (phone.host, phone.port))
    assert wire.wait_for(lambda m: m.call_id == "no-contact" and m.status is not None).status == 400
    pj.acc_unregister_pkg(account, "X-Other")
    assert refused("x-other").header("allow-events") == "presence, x-weather"
    assert not phone.all(pj.OnSubscribe)
    # More than it may have, and no time at all, is what it gets at most.
    for expires in (99999999, 4294967295, None):
        far = subscriber(phone, wire, "X-Weather")
        far.send(expires, {"Accept": "text/plain, */*"})
        asked = wait_asked(phone, far)
        assert asked.expires == 3600
        pj.subscribe_respond(asked.request, 200)
        assert far.response().header("expires") == "3600"


@pytest.mark.parametrize("listening", [True, False])
def test_nobody_decides(wire: WireClient, listening: bool) -> None:
    phone = Phone(config=pj.Config(max_calls=4, policy=pj.Policy(later_ms=300)))
    with phone:
        serving(phone)
        if not listening:
            pj.destroy()
            config = pj.Config(max_calls=4)
            pj.create()
            pj.init(config)
            phone.transport_id = pj.transport_create(
                pj.TransportType.UDP, pj.TransportConfig(port=0, bound_addr=phone.host)
            )
            pj.start()
            serving(phone)
        far = subscriber(phone, wire)
        assert far.subscribe().status == 480
        if listening:
            asked = phone.wait(pj.OnSubscribe)
            end = phone.wait(pj.OnSubscribeEnd)
            assert (same(end.request, asked.request), end.code) == (True, 480)
            with pytest.raises(pj.StaleError):
                pj.subscribe_respond(asked.request, 200)


def test_sent_again_it_is_answered_once(phone: Phone, wire: WireClient) -> None:
    serving(phone)
    far = subscriber(phone, wire)
    text = wire.request(
        "SUBSCRIBE", far.uri, from_tag=far.tag, call_id=far.call_id, headers={"Event": "x-weather"}
    )
    for _ in range(3):
        wire.send(text, far.to)
    asked = phone.wait(pj.OnSubscribe)
    pj.subscribe_respond(asked.request, 200)
    first = far.response(1)
    # What is asked again once it was answered gets the answer again.
    wire.send(text, far.to)
    second = wire.wait_for(lambda m: m.call_id == far.call_id and m.status == 200, count=2)
    assert second.raw == first.raw
    assert len(phone.all(pj.OnSubscribe)) == 1


def test_beside_requests_that_are_held_by_policy(wire: WireClient) -> None:
    policy = pj.Policy(held_requests=pj.HeldRequest.SUBSCRIBE)
    with Phone(config=pj.Config(max_calls=4, policy=policy)) as phone:
        serving(phone)
        far, other = subscriber(phone, wire), subscriber(phone, wire, "x-other")
        accepted(phone, far)
        assert not phone.all(pj.OnHeldRequest)
        # Of what is not served the policy may say something else than 489.
        other.send()
        held = phone.wait(pj.OnHeldRequest)
        with pytest.raises(pj.StaleError):
            pj.subscribe_respond(held.request, 200)
        pj.held_request_respond(held.request, 404)
        assert other.response().status == 404
        waiting = subscriber(phone, wire)
        waiting.send()
        asked = phone.wait(pj.OnSubscribe, count=2)
        with pytest.raises(pj.StaleError):
            pj.held_request_respond(asked.request, 403)
        pj.subscribe_respond(asked.request, 403)
        assert waiting.response().status == 403


def test_one_notify_and_the_end(phone: Phone, wire: WireClient) -> None:
    serving(phone)
    far = subscriber(phone, wire)
    one = accepted(phone, far, 0)
    assert phone.wait(pj.OnSubscribe).expires == 0
    # Its time is over at once, and PJSIP comes by: it waits all the same.
    for _ in range(3):
        assert subscriber(phone, wire, "x-other").subscribe().status == 489
    pj.subscriber_notify(one, pj.EvsubState.ACTIVE, msg_data=body("sunny"))
    told = far.told()
    assert (told.body, state_of(told)) == ("sunny", ("terminated", {"reason": "timeout"}))
    assert ended(phone, one).reason == "timeout"
    assert len(far.notifies()) == 1


def test_a_fetch_that_is_told_nothing_ends_all_the_same(wire: WireClient) -> None:
    with Phone(config=pj.Config(max_calls=4, policy=pj.Policy(later_ms=1000))) as phone:
        serving(phone)
        far = subscriber(phone, wire)
        one = accepted(phone, far, 0)
        told = far.told()
        assert (told.body, state_of(told)) == ("", ("terminated", {"reason": "timeout"}))
        ended(phone, one)


def test_time_is_over(phone: Phone, wire: WireClient) -> None:
    serving(phone)
    far = subscriber(phone, wire)
    one = accepted(phone, far, 1)
    pj.subscriber_notify(one, pj.EvsubState.PENDING, msg_data=body("who knows"))
    assert state_of(far.told())[0] == "pending"
    last = far.told(2)
    assert (last.body, state_of(last)) == ("who knows", ("terminated", {"reason": "timeout"}))
    over = ended(phone, one)
    assert (over.status_code, over.reason, over.message) == (0, "timeout", None)


def test_a_refresh_for_too_little_changes_nothing(phone: Phone, wire: WireClient) -> None:
    serving(phone, min_expires=60)
    far = subscriber(phone, wire)
    one = accepted(phone, far, 600)
    brief = far.subscribe(5)
    assert (brief.status, brief.header("min-expires")) == (423, "60")
    assert not phone.all(pj.OnSubscriberRefresh)
    pj.subscriber_notify(one, pj.EvsubState.ACTIVE)
    assert 590 <= int(state_of(far.told())[1]["expires"]) <= 600


def test_without_resending(phone: Phone, wire: WireClient) -> None:
    serving(phone, resend=False)
    far = subscriber(phone, wire)
    one = accepted(phone, far, 600)
    pj.subscriber_notify(one, pj.EvsubState.ACTIVE, msg_data=body("sunny"))
    far.told()
    assert far.subscribe(300).status == 200
    phone.wait(pj.OnSubscriberRefresh)
    pj.subscriber_notify(one, pj.EvsubState.UNKNOWN, "asleep", msg_data=body("dark"))
    second = far.told(2)
    assert (second.body, state_of(second)[0]) == ("dark", "asleep")
    assert phone.wait(pj.OnSubscriberState, count=2).state_name == "asleep"
    pj.subscriber_notify(one, pj.EvsubState.TERMINATED, None, "probation", 30, body("gone"))
    last = far.told(3)
    assert (last.body, state_of(last)) == (
        "gone",
        ("terminated", {"reason": "probation", "retry-after": "30"}),
    )
    assert ended(phone, one).reason == "probation"


@pytest.mark.parametrize("status", [481, 404, 500])
def test_a_refused_notify_ends_it(phone: Phone, wire: WireClient, status: int) -> None:
    serving(phone)
    far = subscriber(phone, wire)
    one = accepted(phone, far)
    cseq = pj.subscriber_notify(one, pj.EvsubState.ACTIVE)
    far.answer(far.notify(), status, "Gone")
    told = phone.wait(pj.OnNotifyStatus)
    assert (told.cseq, told.status_code, told.reason) == (cseq, status, "Gone")
    over = ended(phone, one)
    assert (over.status_code, over.reason) == (status, "Gone")
    assert over.message is not None
    assert len(far.notifies()) == 1


def test_what_does_not_end_it(phone: Phone, wire: WireClient) -> None:
    serving(phone)
    far = subscriber(phone, wire)
    one = accepted(phone, far)
    pj.subscriber_notify(one, pj.EvsubState.ACTIVE)
    far.answer(far.notify(), 480, "Later", Retry_After="5")
    assert phone.wait(pj.OnNotifyStatus).status_code == 480
    pj.subscriber_notify(one, pj.EvsubState.ACTIVE)
    # A proxy on the way says that it is on its way.
    far.answer(far.notify(2), 100, "Trying")
    far.answer(far.notify(2), 200, "OK")
    assert phone.wait(pj.OnNotifyStatus, count=2).status_code == 200
    assert not phone.all(pj.OnSubscriberState, lambda event: event.state is pj.EvsubState.TERMINATED)
    assert far.subscribe().status == 200


def test_nobody_answers_a_notify(phone: Phone, wire: WireClient) -> None:
    serving(phone)
    far = subscriber(phone, wire)
    one = accepted(phone, far)
    before = pj.cfg()
    pj.set_cfg(replace(before, t1=10, t2=40, td=640))
    try:
        cseq = pj.subscriber_notify(one, pj.EvsubState.ACTIVE)
        told = phone.wait(pj.OnNotifyStatus)
        assert (told.cseq, told.status_code) == (cseq, 408)
        assert ended(phone, one).status_code == 408
    finally:
        pj.set_cfg(before)


def test_a_challenge_is_answered_once(phone: Phone, wire: WireClient) -> None:
    account = phone.account("a", cred_info=[pj.CredInfo(username="a", data="secret", realm="*")])
    pj.acc_register_pkg(account, "x-weather")
    challenge = 'Digest realm="there", nonce="n", algorithm=MD5'
    far = subscriber(phone, wire)
    one = accepted(phone, far)
    cseq = pj.subscriber_notify(one, pj.EvsubState.ACTIVE, msg_data=body("sunny"))
    far.answer(far.notify(), 401, "Who", WWW_Authenticate=challenge)
    again = far.told(2)
    assert 'username="a"' in (again.header("authorization") or "")
    assert again.body == "sunny"
    told = phone.wait(pj.OnNotifyStatus)
    assert (told.cseq, told.status_code) == (cseq, 200)
    pj.subscriber_notify(one, pj.EvsubState.ACTIVE)
    far.answer(far.notify(3), 401, "Who", WWW_Authenticate=challenge.replace('"n"', '"m"'))
    far.answer(far.notify(4), 401, "Who", WWW_Authenticate=challenge.replace('"n"', '"o"'))
    assert ended(phone, one).status_code == 401


@pytest.mark.parametrize("how", ["account", "library"])
def test_it_ends_with_what_it_belongs_to(phone: Phone, wire: WireClient, how: str) -> None:
    account = serving(phone)
    far, waiting = subscriber(phone, wire), subscriber(phone, wire)
    one = accepted(phone, far)
    pj.subscriber_notify(one, pj.EvsubState.ACTIVE, msg_data=body("sunny"))
    far.told()
    waiting.send()
    request = phone.wait(pj.OnSubscribe, count=2).request
    if how == "account":
        pj.acc_del(account)
    else:
        pj.destroy()
    last = far.told(2)
    assert (last.body, state_of(last)) == ("sunny", ("terminated", {"reason": "noresource"}))
    assert waiting.response().status == (480 if how == "account" else 503)
    ended(phone, one)
    if how == "account":
        assert phone.wait(pj.OnSubscribeEnd).code == 480
        assert phone.account("a") != -1
        assert subscriber(phone, wire).subscribe().status == 489
        for verb, given in ((pj.subscribe_respond, request), (pj.subscriber_notify, one)):
            with pytest.raises(pj.StaleError):
                verb(given, 4 if given is one else 200)


def test_pjsips_own_packages(phone: Phone, wire: WireClient) -> None:
    account = serving(phone, "message-summary")
    pj.acc_register_pkg(account, "dialog")
    for count, (event, most) in enumerate((("message-summary", "3600"), ("dialog", "600")), 1):
        far = subscriber(phone, wire, event)
        one = accepted(phone, far, 7200, count)
        assert far.response().header("expires") == most
        pj.subscriber_notify(one, pj.EvsubState.ACTIVE, msg_data=body("x"))
        assert far.told().body == "x"
    for event, more in (("message-summary", 3601), ("Dialog", 601)):
        with pytest.raises(ValueError, match="expires"):
            pj.acc_register_pkg(account, event, expires=more)
    # Presence is as it was.
    assert subscriber(phone, wire, "presence").subscribe().status == 200


def test_bad_arguments(phone: Phone, wire: WireClient) -> None:
    account = phone.account("a")
    for event in ("", "a b", "x\r\ny", "e" * 65, "presence", "Refer"):
        with pytest.raises(ValueError, match="event"):
            pj.acc_register_pkg(account, event)
    for expires in (0, -1, 2**31):
        with pytest.raises(ValueError, match="expires"):
            pj.acc_register_pkg(account, "x-weather", expires=expires)
    with pytest.raises(ValueError, match="min_expires"):
        pj.acc_register_pkg(account, "x-weather", expires=10, min_expires=11)
    with pytest.raises(ValueError, match="accept"):
        pj.acc_register_pkg(account, "x-weather", ("text",))
    with pytest.raises(TypeError, match="accept"):
        pj.acc_register_pkg(account, "x-weather", "text/plain")
    with pytest.raises(pj.NotFound, match="event"):
        pj.acc_unregister_pkg(account, "x-weather")
    for n in range(31):
        pj.acc_register_pkg(account, f"x-{n}")
    pj.acc_register_pkg(account, "x-0", (WEATHER,))
    with pytest.raises(pj.TooMany):
        pj.acc_register_pkg(account, "x-weather")
    pj.acc_unregister_pkg(account, "x-0")
    pj.acc_register_pkg(account, "x-weather")
    far = subscriber(phone, wire)
    far.send()
    asked = phone.wait(pj.OnSubscribe)
    for code in (100, 201, 299, 700):
        with pytest.raises(ValueError, match="code"):
            pj.subscribe_respond(asked.request, code)
    with pytest.raises(ValueError, match="reason"):
        pj.subscribe_respond(asked.request, 200, "Fine")
    with pytest.raises(ValueError, match="msg_data"):
        pj.subscribe_respond(asked.request, 200, None, body("x"))
    huge = pj.MsgData(hdr_list=[(f"X-{n}", "y" * 1040) for n in range(15)])
    for code in (200, 403):
        with pytest.raises(pj.PjsuaError, match="TOOLONG"):
            pj.subscribe_respond(asked.request, code, None, huge)
    one = pj.subscribe_respond(asked.request, 200)
    assert one is not None
    with pytest.raises(ValueError, match="state"):
        pj.subscriber_notify(one, pj.EvsubState.NULL)
    with pytest.raises(ValueError, match="state_str"):
        pj.subscriber_notify(one, pj.EvsubState.UNKNOWN)
    with pytest.raises(ValueError, match="reason"):
        pj.subscriber_notify(one, pj.EvsubState.ACTIVE, reason="timeout")
    with pytest.raises(ValueError, match="retry_after"):
        pj.subscriber_notify(one, pj.EvsubState.ACTIVE, retry_after=3)
    with pytest.raises(ValueError, match="reason"):
        pj.subscriber_notify(one, pj.EvsubState.TERMINATED, reason="a b")
    with pytest.raises(TypeError, match="subscriber"):
        pj.subscriber_notify(asked.request, pj.EvsubState.ACTIVE)
    # What fits no packet is not sent, and ends nothing.
    for state in (pj.EvsubState.ACTIVE, pj.EvsubState.TERMINATED):
        with pytest.raises(pj.PjsuaError, match="TOOLONG"):
            pj.subscriber_notify(one, state, msg_data=body("x" * 20000))
    pj.subscriber_notify(one, pj.EvsubState.ACTIVE, msg_data=body("still here"))
    assert far.told().body == "still here"


HOSTILE = {
    "a long id": {"Event": "x-weather;id=" + "9" * 3000},
    "a quoted id": {"Event": 'x-weather;id="a;b, c"'},
    "many parameters": {"Event": "x-weather" + ";a=b" * 500},
    "many types": {"Accept": ", ".join(f"a/b{n}" for n in range(200)) + ", text/x-weather"},
    "commas": {"Accept": ",,,text/x-weather,,"},
    "nonsense": {"Accept": "/;*;/*, text/x-weather"},
    "a negative time": {"Expires": "-5"},
    "no number": {"Expires": "soon"},
    "a huge number": {"Expires": "9" * 40},
    "two packages": {"Event": "x-weather\r\nEvent: presence"},
    "short": {"Event": "x-weather\r\no: x-other"},
    "a tel contact": {"Contact": "<tel:+123>"},
    "a long contact": {"Contact": "<sip:" + "u" * 900 + "@127.0.0.1>"},
    "records": {"Record-Route": ", ".join(f"<sip:127.0.0.1:{n};lr>" for n in range(1, 40))},
    "rubbish": {"Subscription-State": "\x01\x02", "Require": "everything"},
}


def test_hostile_headers(phone: Phone, wire: WireClient) -> None:
    serving(phone, accept=(WEATHER,))
    for headers in HOSTILE.values():
        far = subscriber(phone, wire, "" if "Event" in headers else "x-weather")
        far.send(None if "Expires" in headers else 600, headers)
    good = subscriber(phone, wire)
    good.send()
    wait_asked(phone, good)
    for asked in phone.all(pj.OnSubscribe):
        try:
            one = pj.subscribe_respond(asked.request, 200)
        except pj.PjsuaError:
            continue
        assert one is not None
        pj.subscriber_notify(one, pj.EvsubState.ACTIVE, msg_data=body("x" * 500))
    assert good.response().status == 200
    assert good.told().body == "x" * 500
    # In a dialog: another package, a NOTIFY to the notifier, one out of order.
    good.event = "x-other"
    assert good.subscribe().status == 481
    good.event = "x-weather;id=3"
    assert good.subscribe().status == 481
    good.event = "x-weather"
    good.cseq -= 3
    good.send()
    wire.wait_for(lambda m: m.call_id == good.call_id and m.status == 500)
    good.cseq += 5
    good.send(None, {"Subscription-State": "active"}, method="NOTIFY")
    good.response(method="NOTIFY")
    phone.check_call()


def test_many_at_once_are_all_given_back(phone: Phone, wire: WireClient) -> None:
    account = serving(phone)
    all_of_them = [subscriber(phone, wire) for _ in range(20)]
    for far in all_of_them:
        far.send()
    phone.wait(pj.OnSubscribe, count=len(all_of_them))
    ids = [pj.subscribe_respond(asked.request, 200) for asked in phone.all(pj.OnSubscribe)]
    assert len(set(ids)) == len(all_of_them)
    for one in ids:
        assert one is not None
        pj.subscriber_notify(one, pj.EvsubState.ACTIVE, msg_data=body("sunny"))
    for far in all_of_them:
        assert far.told().body == "sunny"
    pj.acc_del(account)
    for far in all_of_them:
        assert state_of(far.told(2))[0] == "terminated"
    until(
        lambda: len(phone.all(pj.OnSubscriberState, lambda e: e.state is pj.EvsubState.TERMINATED)) == 20,
        "all have ended",
    )
