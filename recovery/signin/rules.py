"""How long a sign-in lasts and what it takes, by who signs in (security.md §2.2)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from recovery.actions import SYSTEM, Call, rule

ACCESS_LIFE = timedelta(minutes=15)
STEP_UP = timedelta(minutes=5)
# Time to find and install an authenticator, for who has none to confirm with yet.
FIRST_FACTOR = timedelta(minutes=15)
SECOND_FACTORS = frozenset({"passkey", "totp", "recovery_code"})


@dataclass(frozen=True)
class Lifetime:
    """After `idle` without use, and after `absolute` in any case, one signs in again."""

    idle: timedelta
    absolute: timedelta


STAFF = Lifetime(idle=timedelta(minutes=15), absolute=timedelta(hours=12))
# Longer than NIST's AAL1 guidance: phones are offline for weeks, have a lock of their own,
# a key bound to the device, and can be signed out from elsewhere at once.
PATIENT = Lifetime(idle=timedelta(days=60), absolute=timedelta(days=365))


def lifetime(is_staff: bool) -> Lifetime:
    return STAFF if is_staff else PATIENT


def has_factors(is_staff: bool, methods: Iterable[str]) -> bool:
    """Staff need a second factor; a passkey is one by itself, for it verifies its user."""
    return not is_staff or bool(SECOND_FACTORS.intersection(methods))


def stepped_up(auth_time: datetime, now: datetime, within: timedelta = STEP_UP) -> bool:
    """Whether identity was proved at most five minutes ago."""
    return now - auth_time <= within


@rule
def proved_just_now(call: Call, data: dict[str, Any]) -> bool:
    """Called by the sign-in ceremony itself: whoever comes by a request has a session already."""
    return call.actor is not SYSTEM and call.session_id is None


@rule
def has_session(call: Call, data: dict[str, Any]) -> bool:
    """Somebody who is signed in on a device."""
    return call.session_id is not None


@rule
def is_own_session(call: Call, data: dict[str, Any]) -> bool:
    """The session belongs to whoever asks."""
    return bool(data["session"].scope_id == call.actor.id)


def five_minutes(now: datetime) -> datetime:
    """Rounded down, so that `last_seen` says little and is written seldom."""
    return now - timedelta(minutes=now.minute % 5, seconds=now.second, microseconds=now.microsecond)
