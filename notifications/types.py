"""The registry of everything that may be announced, and the three ways a push may look.

What leaves the house depends on the class alone, never on the type, the person or the content:
see `notifications.transports.messages`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta

from notifications.transports.texts import TEXTS

_NAME = re.compile(r"[a-z_]+\.[a-z_]+")


@dataclass(frozen=True)
class PushClass:
    """How a push travels. `rank` 0 goes first; `shown`: the phone will show a notification.

    `ttl` is the longest time for which the courier may keep it.
    """

    name: str
    rank: int
    shown: bool
    ttl: timedelta


PUSH_CLASSES = {
    c.name: c
    for c in (
        PushClass("urgent", rank=0, shown=True, ttl=timedelta(hours=1)),
        PushClass("reminder", rank=1, shown=True, ttl=timedelta(hours=24)),
        PushClass("sync", rank=2, shown=False, ttl=timedelta(hours=24)),
    )
}


@dataclass(frozen=True)
class NotificationType:
    """One kind of news. Made by `notification_type` only."""

    name: str
    push_class: str | None
    mail: str | None
    ttl: timedelta
    jitter: timedelta


_registry: dict[str, NotificationType] = {}


def notification_type(
    name: str,
    *,
    ttl: timedelta,
    push_class: str | None = None,
    mail: str | None = None,
    jitter: timedelta = timedelta(0),
) -> NotificationType:
    """Register a type of notification, once, where its domain declares it.

    `name`: "domain.noun". `push_class`: "sync" (wakes the app), "reminder" or "urgent" (shown).
    `mail`: "code" or "open_app". `ttl`: after it the news is stale and is not sent.
    `jitter`: each device's push is delayed at random by up to this, to spread a crowd.
    ValueError: a name taken, or a combination that makes no sense.
    """
    new = NotificationType(name, push_class, mail, ttl, jitter)
    _check(new)
    _registry[name] = new
    return new


def _check(new: NotificationType) -> None:
    if not _NAME.fullmatch(new.name):
        raise ValueError(f"{new.name!r} should read like 'domain.noun'")
    if new.name in _registry:
        raise ValueError(f"there is a notification type called {new.name!r} already")
    if (new.push_class is None) == (new.mail is None):
        raise ValueError(f"{new.name!r} goes either as a push or as a mail")
    if new.push_class not in {None, *PUSH_CLASSES} or new.mail not in {None, *TEXTS}:
        raise ValueError(f"{new.name!r} names an unknown class")
    if new.ttl <= timedelta(0) or not timedelta(0) <= new.jitter < new.ttl:
        raise ValueError(f"{new.name!r} needs 0 <= jitter < ttl")
    if new.push_class == "urgent" and new.jitter:
        raise ValueError(f"{new.name!r} is urgent: it may not be delayed")


def require_registered(given: NotificationType) -> None:
    """ValueError unless `given` came out of `notification_type`."""
    if _registry.get(given.name) is not given:
        raise ValueError(f"{given.name!r} is not a registered notification type")


def all_types() -> list[NotificationType]:
    """Every registered type, by name."""
    return [_registry[name] for name in sorted(_registry)]
