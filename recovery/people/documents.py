"""What a person's own phones see of their account."""

from rest_framework import serializers

from recovery.feed import document
from recovery.people.models import DeviceSession, Person, StaffMember


@document("device_session", DeviceSession)
class DeviceSessionDocument(serializers.ModelSerializer[DeviceSession]):
    """One phone in the owner's list. Without `last_seen`, which would wake the other phones."""

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


@document("person", Person)
class PersonDocument(serializers.ModelSerializer[Person]):
    """Who one is, for one's own phones only."""

    class Meta:
        model = Person
        fields = ["given_name", "family_name", "called", "date_of_birth", "email", "phone"]


@document("staff_member", StaffMember)
class StaffMemberDocument(serializers.ModelSerializer[StaffMember]):
    """A member of staff, for everybody in the programme."""

    class Meta:
        model = StaffMember
        fields = ["user_id", "given_name", "family_name", "role", "left_at"]
