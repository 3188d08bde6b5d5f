"""The first sign-in, with the code from the clinic."""

from __future__ import annotations

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from recovery.people import allowances
from recovery.people.actions.inputs import as_sent
from recovery.people.codes import code_hash
from recovery.people.enrolment import enrol
from recovery.people.limits import Use, consume, network
from recovery.people.views import inputs
from recovery.people.views.open import NO_STORE, OpenView, checked


class EnrolmentView(OpenView):
    @extend_schema(
        operation_id="enrolment", request=inputs.Enrolment, responses={201: inputs.Tokens}
    )
    def post(self, request: Request) -> Response:
        """Use a one-use code and the date of birth; answers the tokens of this phone's session.

        Every reason why a code does not work is answered alike. The same install may ask again
        for ten minutes, in case the answer was lost.
        """
        data, now = checked(request, inputs.Enrolment), timezone.now()
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
