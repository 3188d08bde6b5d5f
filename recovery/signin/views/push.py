"""What a browser needs to subscribe to pushes."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from notifications.registrations import browser_key
from recovery.signin import allowances


class PushSettings(serializers.Serializer[Any]):
    browser_key = serializers.CharField(
        allow_null=True, help_text="VAPID public key, in base64url: the applicationServerKey"
    )


class PushView(APIView):
    limits = allowances.READS

    @extend_schema(operation_id="push", responses={200: PushSettings})
    def get(self, request: Request) -> Response:
        """The key with which a browser subscribes to pushes. Null: there are none for browsers
        yet. When it is no longer the key of a subscription, the app subscribes again."""
        return Response({"browser_key": browser_key()})
