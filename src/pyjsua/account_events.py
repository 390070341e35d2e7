"""Which account, call or buddy an event is for."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from . import buddy, events, messages, notifier, registration, requests, subscription, watcher

if TYPE_CHECKING:
    from .account import Account
    from .call import Call
    from .endpoint import Endpoint

__all__: list[str] = []

Handler = Callable[[Any], None]


def handlers(endpoint: Endpoint) -> dict[type[events.Event], Handler]:
    """Handlers that do not keep their endpoint alive: a forgotten one is to be noticed."""
    reference = weakref.ref(endpoint)

    def to_account(handle: Callable[[Account, Any], None]) -> Handler:
        def handler(event: Any) -> None:
            owner = reference()
            if owner is not None and (account := owner._accounts.get(event.acc_id.serial)):
                handle(account, event)

        return handler

    def to_call(handle: Callable[[Call, Any], None]) -> Handler:
        def handler(event: Any) -> None:
            owner = reference()
            if owner is not None and (call := owner._calls.get(event.call_id.serial)):
                handle(call, event)

        return handler

    def to_both(handle: Callable[[Account, Call | None, Any], None]) -> Handler:
        def handler(event: Any) -> None:
            owner = reference()
            if owner is None:
                return
            call = owner._calls.get(event.call_id.serial) if event.call_id >= 0 else None
            account = call.account if call is not None else owner._accounts.get(event.acc_id.serial)
            if account is not None:
                handle(account, call, event)

        return handler

    return {
        events.OnAccSendRequest: requests.on_acc_send_request,
        events.OnBuddyDlgEventState: buddy.on_buddy_dlg_event_state,
        events.OnBuddyState: buddy.on_buddy_state,
        events.OnCallRxText: to_call(lambda call, event: call._on_text(event)),
        events.OnIncomingSubscribe: to_account(watcher.on_incoming_subscribe),
        events.OnMwiInfo: to_account(lambda account, event: account.mwi._on_info(event)),
        events.OnMwiState: to_account(lambda account, event: account.mwi._on_state(event)),
        events.OnNotify: to_account(subscription.on_notify),
        events.OnNotifyStatus: to_account(notifier.on_notify_status),
        events.OnPager2: to_both(messages.on_pager),
        events.OnPagerStatus2: messages.on_pager_status,
        events.OnRegStarted2: to_account(lambda account, event: account._on_reg_started(event)),
        events.OnSrvSubscribeState: to_account(watcher.on_srv_subscribe_state),
        events.OnSubscribe: to_account(notifier.on_subscribe),
        events.OnSubscribeEnd: to_account(notifier.on_subscribe_end),
        events.OnSubscriberRefresh: to_account(notifier.on_subscriber_refresh),
        events.OnSubscriberState: to_account(notifier.on_subscriber_state),
        events.OnSubscriptionState: to_account(subscription.on_subscription_state),
        events.OnTimer: registration.on_timer,
        events.OnTyping2: to_both(messages.on_typing),
    }
