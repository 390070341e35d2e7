"""create, init, start and destroy in the wrong order, twice, at once, and from where nobody expects them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

from peers.sipp import Sipp, SippFailed
from pjsua.phone import Phone, until
from pyjsua import pjsua as pj

State = pj.State


def test_states() -> None:
    seen = [pj.get_state()]
    pj.create()
    seen.append(pj.get_state())
    pj.init()
    seen.append(pj.get_state())
    pj.start()
    seen.append(pj.get_state())
    pj.destroy()
    seen.append(pj.get_state())
    assert seen == [State.NULL, State.CREATED, State.INIT, State.RUNNING, State.NULL]


def test_twice() -> None:
    pj.create()
    with pytest.raises(pj.InvalidState, match=r"^pjsua_create: the library exists already$"):
        pj.create()
    pj.init()
    with pytest.raises(
        pj.InvalidState, match=r"^pjsua_init: it takes create\(\) first, and init\(\) only once$"
    ):
        pj.init()
    with pytest.raises(pj.InvalidState, match=r"^pjsua_create: the library exists already$"):
        pj.create()
    pj.start()
    with pytest.raises(
        pj.InvalidState, match=r"^pjsua_start: it takes init\(\) first, and start\(\) only once$"
    ):
        pj.start()
    assert pj.get_state() is State.RUNNING
    pj.destroy()
    pj.destroy()
    pj.destroy()
    assert pj.get_state() is State.NULL


def test_out_of_order() -> None:
    with pytest.raises(pj.InvalidState, match=r"^pjsua_init: "):
        pj.init()
    with pytest.raises(pj.InvalidState, match=r"^pjsua_start: "):
        pj.start()
    pj.create()
    with pytest.raises(pj.InvalidState, match=r"^pjsua_start: "):
        pj.start()
    pj.destroy()


def test_init_again_after_it_failed() -> None:
    pj.create()
    for _ in range(3):
        with pytest.raises(ValueError, match=r"max_calls"):
            pj.init(pj.Config(max_calls=10**6))
        with pytest.raises(TypeError, match=r"user_agent"):
            pj.init(pj.Config(user_agent=5))  # type: ignore[arg-type]
    pj.destroy()
    with Phone() as phone:
        phone.check_call()


def test_a_second_create_leaves_the_first_alone(phone: Phone) -> None:
    acc = phone.account("a")
    with pytest.raises(pj.InvalidState):
        pj.create()
    with pytest.raises(pj.InvalidState):
        pj.init(pj.Config(max_calls=2))
    assert pj.call_get_max_count() == 8
    assert pj.acc_is_valid(acc)
    phone.check_call()


def test_again_and_again() -> None:
    for _ in range(5):
        with Phone() as phone:
            phone.check_call()
        assert pj.get_state() is State.NULL


def test_ids_of_an_earlier_life() -> None:
    with Phone() as phone:
        old = phone.account("a")
    with Phone() as phone:
        new = phone.account("a")
        assert new == old
        with pytest.raises(pj.StaleError):
            pj.acc_del(old)
        assert not pj.acc_is_valid(old)
        assert pj.acc_is_valid(new)


@pytest.mark.parametrize("timeout", [-1, -0.001, 3601, float("nan"), float("inf")])
def test_destroy_timeout_out_of_range(phone: Phone, timeout: float) -> None:
    with pytest.raises(ValueError, match=r"^timeout: .* is not between 0 and 3600$"):
        pj.destroy(timeout=timeout)
    for wrong in ("5", None, True):
        with pytest.raises(TypeError, match=r"^timeout: seconds expected, not "):
            pj.destroy(timeout=wrong)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"^flags: int expected, not str$"):
        pj.destroy("now")  # type: ignore[arg-type]
    assert pj.get_state() is State.RUNNING
    phone.check_call()


def test_destroy_in_a_handler(sipp: Callable[..., Sipp]) -> None:
    """The handler goes on, its call is ended on the wire, and the library can be made anew."""
    done = threading.Event()
    states = []

    def on_incoming_call(event: pj.OnIncomingCall) -> None:
        pj.call_answer(event.call_id)
        pj.destroy()
        states.append(pj.get_state())
        done.set()

    config = pj.Config(max_calls=4)
    config.cb.on_incoming_call = on_incoming_call
    pj.create()
    pj.init(config)
    transport = pj.transport_create(pj.TransportType.UDP, pj.TransportConfig(bound_addr="127.0.0.1"))
    pj.start()
    port = pj.transport_get_info(transport).local_name.port
    pj.acc_add(pj.AccConfig(id="sip:b@127.0.0.1", rtp_cfg=pj.TransportConfig(bound_addr="127.0.0.1")))
    uac = sipp("uac_wait_bye", ("127.0.0.1", port), user="b")
    assert done.wait(20)
    assert states == [State.NULL]
    uac.wait(check=False)
    names = ["pyjsua-dispatcher"]
    until(lambda: not any(t.name in names for t in threading.enumerate()), "the dispatcher's thread ends")
    with Phone() as phone:
        phone.check_call()


def test_destroyed_and_made_anew_in_a_handler() -> None:
    """A handler that restarts the library: the handlers of the new one are called."""
    told = threading.Event()

    def start(on_reg_state2: Callable[[pj.OnRegState2], object]) -> None:
        config = pj.Config(max_calls=4)
        config.cb.on_reg_state2 = on_reg_state2
        pj.create()
        pj.init(config)
        pj.transport_create(pj.TransportType.TCP, pj.TransportConfig(bound_addr="127.0.0.1"))
        pj.start()
        # Nobody listens there: the failure is the event.
        pj.acc_add(pj.AccConfig(id="sip:a@127.0.0.1", reg_uri="sip:127.0.0.1:9;transport=tcp"))

    def restart(event: pj.OnRegState2) -> None:
        pj.destroy(timeout=0.5)
        start(lambda event: told.set())

    start(restart)
    assert told.wait(20)
    pj.destroy(timeout=0.5)


def test_destroy_from_many_threads_at_once() -> None:
    """All return when it is done; none raises."""
    for _ in range(3):
        with Phone() as phone:
            phone.answer = lambda event: pj.call_answer(event.call_id, 200)
            phone.account("b")
            call = pj.call_make_call(phone.account("a"), phone.uri("b"))
            phone.wait_state(call, pj.InvState.CONFIRMED)
            barrier = threading.Barrier(8)
            states: list[pj.State] = []
            errors: list[BaseException] = []

            def end(
                barrier: threading.Barrier = barrier,
                states: list[pj.State] = states,
                errors: list[BaseException] = errors,
            ) -> None:
                try:
                    barrier.wait(10)
                    pj.destroy()
                    states.append(pj.get_state())
                except BaseException as error:
                    errors.append(error)

            threads = [threading.Thread(target=end) for _ in range(8)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(30)
            assert not any(thread.is_alive() for thread in threads)
            assert errors == []
            assert states == [State.NULL] * 8


def test_destroy_while_others_call() -> None:
    """Whoever comes late is told so; nobody crashes."""
    with Phone() as phone:
        phone.account("b")
        acc = phone.account("a")
        stop = threading.Event()
        odd: list[BaseException] = []

        def work() -> None:
            while not stop.is_set():
                try:
                    pj.call_hangup(pj.call_make_call(acc, phone.uri("b")))
                    pj.acc_get_info(acc)
                except pj.PjsuaError as error:
                    if not isinstance(error, pj.InvalidState | pj.StaleError | pj.TooMany):
                        odd.append(error)

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        phone.wait(pj.OnIncomingCall, count=2)
        pj.destroy(timeout=1.0)
        stop.set()
        for thread in threads:
            thread.join(20)
        assert not any(thread.is_alive() for thread in threads)
        assert odd == []


def test_destroy_hangs_up_and_waits_for_the_answer(sipp: Callable[..., Sipp]) -> None:
    uas = sipp("uas_answer")
    with Phone() as phone:
        call = pj.call_make_call(phone.account("a"), uas.uri)
        phone.wait_state(call, pj.InvState.CONFIRMED)
        began = time.monotonic()
        pj.destroy(timeout=10)
        assert time.monotonic() - began < 8
        assert phone.wait_end(call).last_status == 200
    assert uas.wait().ok


def test_destroy2_without_a_word(sipp: Callable[..., Sipp]) -> None:
    """NO_TX_MSG: the far end of the call hears nothing, so its wait for the BYE runs out."""
    uas = sipp("uas_answer", timeout=5)
    with Phone() as phone:
        call = pj.call_make_call(phone.account("a"), uas.uri)
        phone.wait_state(call, pj.InvState.CONFIRMED)
        pj.destroy2(pj.DestroyFlag.NO_TX_MSG)
        assert pj.get_state() is State.NULL
    with pytest.raises(SippFailed, match="timed out"):
        uas.wait()


def test_destroy2_says_goodbye_and_does_not_wait(sipp: Callable[..., Sipp]) -> None:
    uas = sipp("uas_answer")
    with Phone() as phone:
        call = pj.call_make_call(phone.account("a"), uas.uri)
        phone.wait_state(call, pj.InvState.CONFIRMED)
        pj.destroy2(pj.DestroyFlag.NO_RX_MSG)
        assert pj.get_state() is State.NULL
    assert uas.wait().ok


def test_destroy2_wants_a_number(phone: Phone) -> None:
    with pytest.raises(TypeError, match=r"^flags: int expected, not str$"):
        pj.destroy2("now")  # type: ignore[arg-type]
    phone.check_call()


def test_destroy_does_not_wait_for_ever(sipp: Callable[..., Sipp]) -> None:
    """The far end does not answer the BYE of its call, and no registrar the REGISTER."""
    silent = sipp("uas_register_silent", timeout=60)
    with Phone() as phone:
        phone.account("a", reg_uri=f"sip:127.0.0.1:{silent.port}")
        began = time.monotonic()
        pj.destroy(timeout=0.5)
        assert time.monotonic() - began < 6
    assert pj.get_state() is State.NULL
