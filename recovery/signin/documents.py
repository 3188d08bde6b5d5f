"""What a person's own phones see of their device sessions."""

from rest_framework import serializers

from foundation.fields import TEXT, a_list
from recovery.feed import Policy, document
from recovery.feed.ids import BY_SERVER
from recovery.feed.shapes import Shaped
from recovery.signin.models import DeviceSession


@document(
    "device_session",
    DeviceSession,
    conflict=Policy.STEPS,
    scopes=("person",),
    ids=BY_SERVER,
    actions=(
        "care.end_episode",
        "people.accept_invitation",
        "people.acknowledge_wipe",
        "people.confirm_identity",
        "people.end_reused_session",
        "people.end_sessions",
        "people.end_staff",
        "people.note_stopped_pushes",
        "people.register_push",
        "people.report_phone_lost",
        "people.revoke_session",
        "people.sign_in",
        "people.sign_out",
        "people.sign_out_person",
        "people.unregister_push",
    ),
)
class DeviceSessionDocument(serializers.ModelSerializer[DeviceSession]):
    """One phone in the owner's list. Not `last_seen`: each change would wake the other phones."""

    methods = Shaped(a_list(TEXT, description="how the person proved who they are"))

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
            "pushes_stopped_at",
            "wipe_requested_at",
            "wipe_acked_at",
        ]
