"""Enrolment: a one-use code signs a phone in, in one transaction.

Only the code identifies the person, so an SQL function redeems it while no one is signed in. The
actions that follow are those of the person it belongs to.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.db import transaction

from foundation.postgresql import functions
from foundation.problems import CodeUnknown
from recovery.actions import Call, perform
from recovery.feed.context import actor_is
from recovery.people.codes import code_hash
from recovery.signin import sessions
from recovery.signin.models import User
from recovery.signin.tokens import sha256

METHODS: Iterable[str] = ("enrolment_code",)


def enrol(
    code: str, born: date | None, *, install: str, device: dict[str, Any], now: datetime
) -> dict[str, str]:
    """Sign the invited person in. Returns what `sessions.start` returns.

    CodeUnknown: the code or the date of birth is wrong, or the code is used, expired or revoked.
    It does not say which.
    """
    with transaction.atomic():
        row = functions.first(
            "redeem_invitation",
            presented=[code_hash(code), code_hash(code, born)],
            born=born,
            by_install=sha256(install),
            at=now,
        )
        if row is None:
            raise CodeUnknown
        user_id, by_email, is_first = row
        actor_is(user_id)
        user = User.objects.get(id=user_id)
        # A phone that repeats its request because the response was lost has enrolled already.
        if is_first:
            call = Call(actor=user, now=now)
            perform("people.accept_invitation", data={"by_email": by_email}, call=call)
        return sessions.start(user, device=device, install=install, methods=METHODS, now=now)
