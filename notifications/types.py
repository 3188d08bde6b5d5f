"""The registry of notification types, and the three classes of push.

The bytes of a push depend only on its class, never on the type, the recipient or the content. See
`notifications.transports.messages`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta

from notifications.transports.texts import SENTENCES, TEXTS

_NAME = re.compile(r"[a-z_]+\.[a-z_]+")


@dataclass(frozen=True)
class PushClass:
    """`rank`: 0 is sent first. `sentence`: the one in SENTENCES that the phone shows; a class
    without one wakes the app silently. `ttl`: how long the push service keeps it, the same for
    every push of the class."""

    name: str
    rank: int
    sentence: str | None
    ttl: timedelta

    def __post_init__(self) -> None:
        if self.sentence not in {None, *SENTENCES}:
            raise ValueError(f"{self.name!r} shows an unknown sentence")

    @property
    def shown(self) -> bool:
        """Whether the phone shows a notification. Nothing else ever goes to a browser, which ends
        the subscription of a site whose pushes show nothing."""
        return self.sentence is not None


PUSH_CLASSES = {
    c.name: c
    for c in (
        PushClass("urgent", rank=0, sentence="YOU_HAVE_AN_UPDATE", ttl=timedelta(hours=1)),
        PushClass("reminder", rank=1, sentence="YOU_HAVE_AN_UPDATE", ttl=timedelta(hours=24)),
        PushClass("sync", rank=2, sentence=None, ttl=timedelta(hours=24)),
    )
}


# What a push does in the recipient's quiet hours. "silent": it shows nothing, so it comes at any
# time. "morning": it waits until they end. "at_once": it is shown all the same.
QUIET = ("silent", "morning", "at_once")


@dataclass(frozen=True)
class NotificationType:
    """One type of notification. Create it only with `notification_type`."""

    name: str
    push_class: str | None
    mail: str | None
    ttl: timedelta
    jitter: timedelta
    quiet: str | None = None


_registry: dict[str, NotificationType] = {}


def notification_type(
    name: str,
    *,
    ttl: timedelta,
    push_class: str | None = None,
    mail: str | None = None,
    jitter: timedelta = timedelta(0),
    quiet: str | None = None,
) -> NotificationType:
    """Register a notification type. Call it once, at module level in the domain.

    `name`: "domain.noun". `push_class`: "sync" (wakes the app), "reminder" or "urgent" (shown).
    `mail`: one of the texts of `transports/texts.py`. `ttl`: not sent if it is older. `jitter`: the
    maximum random delay per device, which spreads the load when a whole group opens the app.
    `quiet`: what a push does in quiet hours; one of QUIET, and none for an e-mail. Raises
    ValueError for a duplicate name or an invalid combination.
    """
    new = NotificationType(name, push_class, mail, ttl, jitter, quiet)
    _check(new)
    _registry[name] = new
    return new


def _check(new: NotificationType) -> None:
    if not _NAME.fullmatch(new.name):
        raise ValueError(f"{new.name!r} must look like 'domain.noun'")
    if new.name in _registry:
        raise ValueError(f"a notification type called {new.name!r} already exists")
    if (new.push_class is None) == (new.mail is None):
        raise ValueError(f"{new.name!r} must be either a push or an e-mail")
    if new.push_class not in {None, *PUSH_CLASSES} or new.mail not in {None, *TEXTS}:
        raise ValueError(f"{new.name!r} has an unknown push class or kind of mail")
    if new.ttl <= timedelta(0) or not timedelta(0) <= new.jitter < new.ttl:
        raise ValueError(f"{new.name!r} needs 0 <= jitter < ttl")
    if new.quiet not in _allowed_quiet(new):
        raise ValueError(f"{new.name!r} does not fit what it does in quiet hours")
    if new.push_class == "urgent" and new.jitter:
        raise ValueError(f"{new.name!r} is urgent, so it must not be delayed")


def _allowed_quiet(new: NotificationType) -> tuple[str | None, ...]:
    if new.push_class is None:
        return (None,)
    if not PUSH_CLASSES[new.push_class].shown:
        return ("silent",)
    return ("at_once",) if new.push_class == "urgent" else ("morning", "at_once")


def require_registered(kind: NotificationType) -> None:
    """Raises ValueError unless `kind` was created by `notification_type`."""
    if _registry.get(kind.name) is not kind:
        raise ValueError(f"{kind.name!r} is not a registered notification type")


def all_types() -> list[NotificationType]:
    """Every registered type, sorted by name."""
    return [_registry[name] for name in sorted(_registry)]
