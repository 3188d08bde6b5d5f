"""What a person's own phones see of their device sessions."""

from rest_framework import serializers

from recovery.feed import Policy, document
from recovery.signin.models import DeviceSession


@document("device_session", DeviceSession, conflict=Policy.STEPS)
class DeviceSessionDocument(serializers.ModelSerializer[DeviceSession]):
    """One phone in the owner's list. Not `last_seen`: each change would wake the other phones."""

    class Meta:
        model = DeviceSession
        fields = [
            "name",
            "platform",
            "app",
            "methods",
            "created_at",
            "revoked_at",
            "revoked_why",
            "wipe_requested_at",
            "wipe_acked_at",
        ]
