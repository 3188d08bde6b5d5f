"""How long a sign-in lasts and what it needs, for staff and for patients."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from foundation.problems import StepUpRequired
from recovery.actions import SYSTEM, Call, rule
from recovery.signin.models import DeviceSession, User
from recovery.signin.second_factors import has_second_factor

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
    # A proof that lies in the future is from before the clock was set back, and nobody knows when.
    return abs(now - auth_time) <= within


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


@rule
def proved_recently(call: Call, data: dict[str, Any]) -> bool:
    """Anyone who has confirmed within the last five minutes that it is them."""
    # The sign-in ceremony has no session yet: it is the proof itself.
    if call.session_id is None:
        return call.actor is not SYSTEM
    rows = DeviceSession.objects.in_scope(call.actor.id).filter(id=call.session_id)
    session = rows.values_list("auth_time", "methods").first()
    if session is None or not _is_fresh_proof(call.actor.id, *session, call.now):
        # Not a refusal, which would be stored: the same request succeeds after the proof.
        raise StepUpRequired
    return True


def _is_fresh_proof(
    user_id: uuid.UUID, auth_time: datetime, methods: Iterable[str], now: datetime
) -> bool:
    if has_second_factor(user_id):
        return stepped_up(auth_time, now) and bool(SECOND_FACTORS.intersection(methods))
    # A person with neither a factor nor an address has nothing to prove it with. To insist would
    # keep them from ever adding one.
    has_address = User.objects.filter(id=user_id).exclude(email=None).exists()
    return stepped_up(auth_time, now) or not has_address


def to_five_minutes(now: datetime) -> datetime:
    """Rounded down to five minutes, so that `last_seen` reveals little and is rarely written."""
    return now - timedelta(minutes=now.minute % 5, seconds=now.second, microseconds=now.microsecond)
