"""The bodies and responses of requests that are not actions."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from recovery.actions import ActionInput
from recovery.signin.models import DeviceSession


class ProofOfKey(ActionInput):
    """The device key's signature: "Refresh" in docs/protocol.md says what it signs."""

    time = serializers.CharField(max_length=40)
    nonce = serializers.CharField(max_length=64)
    signature = serializers.CharField(max_length=200)


class Refresh(ActionInput):
    refresh_token = serializers.CharField(max_length=200)
    proof = ProofOfKey(required=False, allow_null=True)


class Receipt(ActionInput):
    receipt = serializers.CharField(max_length=200)


class Wipe(ActionInput):
    wipe = serializers.BooleanField(default=False)


class Tokens(serializers.Serializer[Any]):
    """A session's tokens. They are sent only once."""

    user = serializers.UUIDField()
    session = serializers.UUIDField()
    access_token = serializers.CharField()
    access_expires_at = serializers.DateTimeField()
    refresh_token = serializers.CharField()


class DeviceSessionRow(serializers.ModelSerializer[DeviceSession]):
    """One of the user's devices. `last_seen` is rounded down to five minutes.

    `lives_until`: when the session runs out unless it is used. After that the phone still holds its
    data, so the session can still be ended, with a wipe.
    """

    lives_until = serializers.SerializerMethodField()

    class Meta:
        model = DeviceSession
        fields = [
            "id",
            "name",
            "platform",
            "app",
            "methods",
            "created_at",
            "last_seen",
            "lives_until",
            "revoked_at",
            "revoked_why",
            "pushes_stopped_at",
            "wipe_requested_at",
            "wipe_acked_at",
        ]

    @extend_schema_field(OpenApiTypes.DATETIME)
    def get_lives_until(self, session: DeviceSession) -> str:
        return min(session.idle_expires_at, session.expires_at).isoformat()
