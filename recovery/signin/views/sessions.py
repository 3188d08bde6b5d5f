"""Refresh, list and end device sessions."""

from __future__ import annotations

import uuid
from typing import Any

from django.db import transaction
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from foundation.problems import NotSignedIn
from recovery.actions import Call, perform
from recovery.feed.context import set_actor
from recovery.limits.consume import consume
from recovery.limits.network import networks
from recovery.signin import allowances
from recovery.signin.actions.inputs import Nothing
from recovery.signin.authentication import authenticate
from recovery.signin.models import DeviceSession, User
from recovery.signin.proofs import parse_proof
from recovery.signin.refresh import refresh
from recovery.signin.views import inputs
from recovery.signin.views.open import OpenView, checked
from recovery.signin.wipe_receipts import read_wipe_receipt


class RefreshView(OpenView):
    limits = (allowances.REFRESH_FAILED,)

    @extend_schema(
        operation_id="sessions.refresh", request=inputs.Refresh, responses={200: inputs.Tokens}
    )
    def post(self, request: Request) -> Response:
        """Exchange the refresh token for the next pair. Send one such request at a time."""
        data, now = checked(request, inputs.Refresh), timezone.now()
        proof = parse_proof(request, data.get("proof"))
        try:
            tokens = refresh(data["refresh_token"], now=now, proof=proof)
        except NotSignedIn:
            consume(*allowances.REFRESH_FAILED.uses(networks(request)), now=now)
            raise
        return Response(tokens)


class SessionsView(APIView):
    limits = allowances.ACCOUNT

    @extend_schema(
        operation_id="sessions.list", responses={200: inputs.DeviceSessionRow(many=True)}
    )
    def get(self, request: Request) -> Response:
        """The user's own devices, newest first. A wipe is pending until it is acknowledged."""
        with transaction.atomic():
            set_actor(request.user.pk)
            rows = DeviceSession.objects.visible_to(request.user).order_by("-created_at")
            return Response(inputs.DeviceSessionRow(rows, many=True).data)


class RevokeView(APIView):
    limits = allowances.ACCOUNT

    @extend_schema(operation_id="sessions.revoke", request=inputs.Wipe, responses={204: None})
    def post(self, request: Request, session_id: uuid.UUID) -> Response:
        """Sign out one of the user's devices. With `wipe` it also deletes its data."""
        data = {**checked(request, inputs.Wipe), "session": str(session_id)}
        perform("people.revoke_session", data=data, call=_call(request.user))
        return Response(status=204)


class SignOutView(OpenView):
    limits = allowances.ACCOUNT

    @extend_schema(operation_id="sessions.sign_out", request=Nothing, responses={204: None})
    def post(self, request: Request) -> Response:
        """End the caller's session."""
        user = authenticate(request, second_factor=False)
        perform("people.sign_out", data={}, call=_call(user))
        return Response(status=204)


class WipeReceiptView(OpenView):
    limits = (allowances.RECEIPT_FAILED,)

    @extend_schema(
        operation_id="sessions.wipe_receipt", request=inputs.Receipt, responses={204: None}
    )
    def post(self, request: Request) -> Response:
        """Confirm that all data was deleted. Invalid receipts get the same response."""
        data, now = checked(request, inputs.Receipt), timezone.now()
        ids = read_wipe_receipt(data["receipt"])
        if ids is None:
            consume(*allowances.RECEIPT_FAILED.uses(networks(request)), now=now)
            return Response(status=204)
        call = Call(actor=User(id=ids[1]), now=now)
        perform("people.acknowledge_wipe", data={"session": str(ids[0])}, call=call)
        return Response(status=204)


def _call(user: Any) -> Call:
    return Call(actor=user, now=timezone.now(), session_id=user.session_id)
