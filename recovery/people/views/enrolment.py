"""The first sign-in, with the code from the clinic."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import structlog
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from foundation.problems import CodeUnknown, SlowDown
from recovery.actions import ActionInput
from recovery.limits.consume import consume, count, failures_counted
from recovery.limits.limit import Use
from recovery.limits.network import networks
from recovery.people import allowances
from recovery.people.codes import code_hash
from recovery.people.enrolment import enrol
from recovery.signin.actions.inputs import Device, as_sent
from recovery.signin.ceremony.trail import note_attempt
from recovery.signin.views.inputs import Tokens
from recovery.signin.views.open import OpenView, checked

log = structlog.get_logger()


class Enrolment(ActionInput):
    """`date_of_birth`: as the clinic recorded it. Staff send none."""

    code = serializers.CharField(max_length=40)
    date_of_birth = serializers.DateField(required=False, allow_null=True)
    install = serializers.CharField(min_length=16, max_length=200)
    device = Device()


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
            tokens = _guarded(data, where, code, now)
        except CodeUnknown:
            count(allowances.ENROLMENTS_FAILED)
            note_attempt(request, "people.enrol", "refused", now=now)
            consume(*allowances.ENROLMENT_FAILED.uses(where), now=now)
            raise
        return Response(tokens, status=201)


def _guarded(
    data: dict[str, Any], where: tuple[str, ...], code: str, now: datetime
) -> dict[str, str]:
    """Enrol. A wrong date of birth counts against the code, here and everywhere."""
    here = allowances.ENROLMENT_DATES.uses(where, code)
    with failures_counted(*here, now=now, wrong=CodeUnknown):
        try:
            with failures_counted(Use(allowances.ENROLMENT_CODE, code), now=now, wrong=CodeUnknown):
                return enrol(
                    data["code"],
                    data.get("date_of_birth"),
                    install=data["install"],
                    device=as_sent(data["device"]),
                    now=now,
                )
        except SlowDown:
            log.warning("enrolment_code_exhausted")
            # Waiting does not help: someone else tries dates for this code.
            raise CodeUnknown from None
