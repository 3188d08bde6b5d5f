"""Enrolment: a one-use code signs a phone in, in one transaction.

Only the code identifies the person, so an SQL function redeems it while no one is signed in. The
actions that follow are those of the person it belongs to.
"""

from __future__ import annotations

import hmac
import uuid
from collections.abc import Callable
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db import transaction

from foundation.postgresql import functions
from foundation.problems import CodeNotYet, CodeUnknown, FactorCodeRequired, FactorCodeWrong
from recovery.actions import Call, perform
from recovery.feed.context import actor_is
from recovery.people.codes import address_hash, code_hash
from recovery.people.models import Person
from recovery.signin import sessions
from recovery.signin.models import DeviceSession, User
from recovery.signin.second_factors import has_second_factor, method_of_code
from recovery.signin.tokens import sha256

METHOD = "enrolment_code"


def enrol(
    code: str,
    born: date | None,
    *,
    install: str,
    device: dict[str, Any],
    now: datetime,
    factor_code: str = "",
    before_guess: Callable[[User], None] = lambda user: None,
) -> dict[str, str]:
    """Sign the invited person in. Returns what `sessions.start` returns.

    `factor_code`: of the authenticator app or a recovery code, if the account has a second factor.
    `before_guess` may raise to refuse to look at it.
    CodeUnknown: the code or the date of birth is wrong, or the code is used, expired, refused or
    revoked. It does not say which. CodeNotYet: it waits. FactorCodeRequired, FactorCodeWrong: the
    code is not used up.
    """
    try:
        return _enrol(code, born, install, device, now, "")
    except _FactorAsked as asked:
        if not factor_code:
            raise FactorCodeRequired from None
        # Outside of any transaction, so that no rollback takes back what it counts.
        before_guess(asked.user)
    try:
        return _enrol(code, born, install, device, now, factor_code)
    except _FactorAsked:
        raise FactorCodeWrong from None


class _FactorAsked(Exception):
    """The transaction is rolled back: this account's second factor was not proved."""

    def __init__(self, user: User) -> None:
        self.user = user


def _enrol(
    code: str,
    born: date | None,
    install: str,
    device: dict[str, Any],
    now: datetime,
    factor_code: str,
) -> dict[str, str]:
    with transaction.atomic():
        hashes = [code_hash(code), code_hash(code, born)]
        row = functions.first(
            "redeem_invitation",
            presented=hashes,
            born=born,
            by_install=sha256(install),
            at=now,
        )
        if row is None:
            [(was_made,)] = functions.call("was_a_code", presented=hashes)
            raise CodeUnknown(was_made=was_made)
        taken = Taken(*row)
        if taken.waits:
            raise CodeNotYet(taken.usable_from)
        actor_is(taken.user_id)
        user = User.objects.get(id=taken.user_id)
        if taken.is_first:
            methods = [METHOD, *_factor(user, taken, factor_code)]
            perform("people.accept_invitation", data=taken.input(), call=Call(actor=user, now=now))
        else:
            # The phone repeats its request because the response was lost: it has enrolled already.
            methods = _methods_of(user, install)
        return sessions.start(user, device=device, install=install, methods=methods, now=now)


class Taken(NamedTuple):
    """The row that redeem_invitation returns."""

    invitation: uuid.UUID
    user_id: uuid.UUID
    by_email: bool
    sent_to: bytes | None
    resets_factors: bool
    is_first: bool
    waits: bool
    usable_from: datetime | None

    def input(self) -> dict[str, Any]:
        return {
            "by_email": self.by_email and self._was_sent_to_recorded_address(),
            "invitation": str(self.invitation),
            "resets_factors": self.resets_factors,
        }

    def _was_sent_to_recorded_address(self) -> bool:
        """The address may have been corrected since the code was sent to the earlier one."""
        if self.sent_to is None:
            return True
        person = Person.objects.in_scope(self.user_id).get(id=self.user_id)
        return hmac.compare_digest(bytes(self.sent_to), address_hash(person.email))


def _factor(user: User, taken: Taken, factor_code: str) -> list[str]:
    """The method of the second factor. Raises _FactorAsked if it is missing or wrong."""
    if taken.resets_factors or not has_second_factor(user.id):
        return []
    method = method_of_code(user.id, factor_code) if factor_code else None
    if method is None:
        raise _FactorAsked(user)
    return [method]


def _methods_of(user: User, install: str) -> list[str]:
    rows = DeviceSession.objects.in_scope(user.id).filter(install=sha256(install))
    known = rows.order_by("-created_at").values_list("methods", flat=True).first()
    return list(known or [METHOD])
