"""How a person signs in, for the settings screen of their own app."""

from __future__ import annotations

from typing import Any

from allauth.mfa.models import Authenticator
from django.db import transaction
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from recovery.feed.context import set_actor
from recovery.people.models import Person
from recovery.signin import allowances
from recovery.signin.models import User
from recovery.signin.rules import STEP_UP


class Account(serializers.Serializer[Any]):
    """`sign_in_email`: the confirmed address, or null: without one, codes by e-mail cannot sign the
    person in. `recorded_email`: as the programme has recorded it. `proved_until`: until when
    actions that need a recent proof of identity are taken."""

    user = serializers.UUIDField()
    is_staff = serializers.BooleanField()
    locale = serializers.CharField()
    sign_in_email = serializers.EmailField(allow_null=True)
    recorded_email = serializers.CharField()
    second_factors = serializers.ListField(
        child=serializers.ChoiceField(choices=Authenticator.Type.choices)
    )
    proved_until = serializers.DateTimeField()


class AccountView(APIView):
    limits = allowances.ACCOUNT

    @extend_schema(operation_id="account", responses={200: Account})
    def get(self, request: Request) -> Response:
        """How the caller signs in. An app asks for an address if `sign_in_email` is null."""
        caller: Any = request.user
        with transaction.atomic():
            set_actor(caller.id)
            user = User.objects.get(id=caller.id)
            person = Person.objects.in_scope(user.id).filter(id=user.id)
            recorded = person.values_list("email", flat=True).first()
            factors = Authenticator.objects.filter(user_id=user.id).order_by("type")
            types = sorted(set(factors.values_list("type", flat=True)))
        account = {
            "user": user.id,
            "is_staff": user.is_staff,
            "locale": user.locale,
            "sign_in_email": user.email,
            "recorded_email": recorded or "",
            "second_factors": types,
            "proved_until": caller.auth_time + STEP_UP,
        }
        return Response(Account(account).data)
