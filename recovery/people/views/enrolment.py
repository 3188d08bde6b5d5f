"""The first sign-in, with the code from the clinic."""

from __future__ import annotations

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from recovery.actions import ActionInput
from recovery.limits.consume import consume
from recovery.limits.limit import Use
from recovery.limits.network import network
from recovery.people import allowances
from recovery.people.codes import code_hash
from recovery.people.enrolment import enrol
from recovery.signin.actions.inputs import Device, as_sent
from recovery.signin.views.inputs import Tokens
from recovery.signin.views.open import NO_STORE, OpenView, checked


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
        consume(
            Use(allowances.ENROLMENT_CODE, code_hash(data["code"], None).hex()),
            Use(allowances.ENROLMENT_NETWORK, network(request)),
            Use(allowances.ENROLMENT_ALL),
            now=now,
        )
        tokens = enrol(
            data["code"],
            data.get("date_of_birth"),
            install=data["install"],
            device=as_sent(data["device"]),
            now=now,
        )
        return Response(tokens, status=201, headers=NO_STORE)
