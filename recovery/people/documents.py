"""What phones see of people and staff."""

from rest_framework import serializers

from recovery.feed import Policy, document
from recovery.people.models import Person, StaffMember


@document("person", Person, conflict=Policy.SERVER_OWNED)
class PersonDocument(serializers.ModelSerializer[Person]):
    """A person's own data. Only their own phones get it."""

    class Meta:
        model = Person
        fields = ["given_name", "family_name", "called", "date_of_birth", "email", "phone"]


@document("staff_member", StaffMember, conflict=Policy.SERVER_OWNED)
class StaffMemberDocument(serializers.ModelSerializer[StaffMember]):
    """A member of staff, as everyone in the programme sees them."""

    class Meta:
        model = StaffMember
        fields = ["user_id", "given_name", "family_name", "role", "left_at"]
