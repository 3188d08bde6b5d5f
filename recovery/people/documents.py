"""What phones see of people and staff."""

from rest_framework import serializers

from recovery.feed import Policy, document
from recovery.people.models import Person, StaffCorrection, StaffMember


@document("person", Person, conflict=Policy.SERVER_OWNED)
class PersonDocument(serializers.ModelSerializer[Person]):
    """A person's own data. Only their own phones get it."""

    class Meta:
        model = Person
        fields = [
            "given_name",
            "family_name",
            "name_text",
            "called",
            "date_of_birth",
            "email",
            "phone",
        ]


@document("staff_member", StaffMember, conflict=Policy.SERVER_OWNED)
class StaffMemberDocument(serializers.ModelSerializer[StaffMember]):
    """A member of staff, as everyone in the programme sees them."""

    class Meta:
        model = StaffMember
        fields = ["user_id", "given_name", "family_name", "name_text", "role", "left_at"]


@document("staff_correction", StaffCorrection, conflict=Policy.SERVER_OWNED)
class StaffCorrectionDocument(serializers.ModelSerializer[StaffCorrection]):
    """What was corrected about a member of staff, as they see it."""

    class Meta:
        model = StaffCorrection
        fields = ["field", "before", "after", "reason", "corrected_by", "corrected_at"]
