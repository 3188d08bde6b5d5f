"""The first sign-in, with the code from the clinic."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import structlog
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from foundation.problems import CodeUnknown, FactorCodeWrong, SlowDown
from recovery.actions import ActionInput
from recovery.limits.consume import consume, count, failures_counted
from recovery.limits.limit import Use
from recovery.limits.network import networks
from recovery.people import allowances
from recovery.people.codes import code_hash
from recovery.people.enrolment import enrol
from recovery.signin.actions.inputs import Device, as_sent
from recovery.signin.ceremony.guesses import Guess
from recovery.signin.ceremony.trail import audit_refusal, note_attempt
from recovery.signin.models import User
from recovery.signin.views.inputs import Tokens
from recovery.signin.views.open import OpenView, checked

log = structlog.get_logger()


class Enrolment(ActionInput):
    """`date_of_birth`: as the clinic recorded it. Staff send none.

    `second_factor`: a code of the authenticator app or a recovery code, after the answer
    `second_factor_code_required`.
    """

    code = serializers.CharField(max_length=40)
    date_of_birth = serializers.DateField(required=False, allow_null=True)
    install = serializers.CharField(min_length=16, max_length=200)
    device = Device()
    second_factor = serializers.CharField(required=False, allow_blank=True, max_length=40)


class EnrolmentView(OpenView):
    limits = allowances.ENROLMENT

    @extend_schema(operation_id="enrolment", request=Enrolment, responses={201: Tokens})
    def post(self, request: Request) -> Response:
        """Enrol with a one-use code and the date of birth. Returns the tokens of this phone.

        The response is the same whatever the reason why a code does not work. The same install
        can repeat the request for ten minutes, in case the response was lost.
        """
        data, now = checked(request, Enrolment), timezone.now()
        where, code = networks(request), code_hash(data["code"], None).hex()
        try:
            tokens = _guarded(data, where, code, now, guesses := _Guesses(request, data))
            guesses.were_right()
        except _UsedUp as used_up:
            raise SlowDown(used_up.seconds) from None
        except FactorCodeWrong:
            guesses.were_wrong()
            raise
        except (CodeUnknown, _WrongDate):
            count(allowances.ENROLMENTS_FAILED)
            note_attempt(request, "people.enrol", "refused", now=now)
            consume(*allowances.ENROLMENT_FAILED.uses(where), now=now)
            raise CodeUnknown from None
        return Response(tokens, status=201)


class _UsedUp(Exception):
    """A SlowDown about second factors, which must not be taken for one about codes."""

    def __init__(self, seconds: int) -> None:
        self.seconds = seconds


class _WrongDate(Exception):
    """CodeUnknown for a code that we made. For another there is no date to guess, and strangers
    could make up codes until their counters fill Valkey."""


class _Guesses:
    """Counts a guess at the second factor of the account that the code opens."""

    def __init__(self, request: Request, data: dict[str, Any]) -> None:
        self._request, self._install = request, data["install"]
        self._guess: tuple[User, Guess] | None = None

    def __call__(self, user: User) -> None:
        try:
            guess = Guess(user, networks(self._request), install=self._install)
        except SlowDown as slow:
            raise _UsedUp(slow.members["retry_after_ms"] // 1000) from None
        self._guess = user, guess

    def were_right(self) -> None:
        if self._guess:
            self._guess[1].was_right()

    def were_wrong(self) -> None:
        if self._guess:
            audit_refusal(self._request, self._guess[0], "people.second_factor")


def _guarded(
    data: dict[str, Any],
    where: tuple[str, ...],
    code: str,
    now: datetime,
    before_guess: Callable[[User], None],
) -> dict[str, str]:
    """Enrol. A wrong date of birth counts against the code, here and everywhere."""
    here = allowances.ENROLMENT_DATES.uses(where, code)
    with failures_counted(*here, now=now, wrong=_WrongDate):
        try:
            with failures_counted(Use(allowances.ENROLMENT_CODE, code), now=now, wrong=_WrongDate):
                return _enrolled(data, now, before_guess)
        except SlowDown:
            log.warning("enrolment_code_exhausted")
            # Waiting does not help: someone else tries dates for this code.
            raise _WrongDate from None


def _enrolled(
    data: dict[str, Any], now: datetime, before_guess: Callable[[User], None]
) -> dict[str, str]:
    try:
        return enrol(
            data["code"],
            data.get("date_of_birth"),
            install=data["install"],
            device=as_sent(data["device"]),
            now=now,
            factor_code=data.get("second_factor", ""),
            before_guess=before_guess,
        )
    except CodeUnknown as unknown:
        if unknown.was_made:
            raise _WrongDate from None
        raise
