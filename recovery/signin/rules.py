"""How long a sign-in lasts and what it needs, for staff and for patients."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from recovery.actions import SYSTEM, Call, rule

ACCESS_LIFE = timedelta(minutes=15)
STEP_UP = timedelta(minutes=5)
# Enough time to find and install an authenticator, for users who have none yet.
FIRST_FACTOR = timedelta(minutes=15)
SECOND_FACTORS = frozenset({"passkey", "totp", "recovery_code"})


@dataclass(frozen=True)
class Lifetime:
    """The user signs in again after `idle` without use, and after `absolute` in any case."""

    idle: timedelta
    absolute: timedelta


STAFF = Lifetime(idle=timedelta(minutes=15), absolute=timedelta(hours=12))
# Longer than NIST's AAL1 guidance: phones are offline for weeks, have a screen lock and a key in
# their hardware, and can be signed out remotely at once.
PATIENT = Lifetime(idle=timedelta(days=60), absolute=timedelta(days=365))


def lifetime(is_staff: bool) -> Lifetime:
    return STAFF if is_staff else PATIENT


def has_factors(is_staff: bool, methods: Iterable[str]) -> bool:
    """Staff need a second factor. A passkey counts as one, because it verifies its user."""
    return not is_staff or bool(SECOND_FACTORS.intersection(methods))


def stepped_up(auth_time: datetime, now: datetime, within: timedelta = STEP_UP) -> bool:
    """Whether the user proved their identity recently enough for a sensitive step."""
    return now - auth_time <= within


@rule
def proved_just_now(call: Call, data: dict[str, Any]) -> bool:
    """The sign-in ceremony, never a request: a request already has a session."""
    return call.actor is not SYSTEM and call.session_id is None


@rule
def has_session(call: Call, data: dict[str, Any]) -> bool:
    """Anyone who is signed in on a device."""
    return call.session_id is not None


@rule
def is_own_session(call: Call, data: dict[str, Any]) -> bool:
    """The person whose device session it is."""
    return bool(data["session"].scope_id == call.actor.id)


def to_five_minutes(now: datetime) -> datetime:
    """Rounded down to five minutes, so that `last_seen` reveals little and is rarely written."""
    return now - timedelta(minutes=now.minute % 5, seconds=now.second, microseconds=now.microsecond)
