"""What phones see of people and staff."""

from rest_framework import serializers

from recovery.feed import Policy, document
from recovery.feed.ids import BY_SERVER, OF_SCOPE
from recovery.people.models import AccountRecovery, Person, StaffCorrection, StaffMember


@document(
    "person",
    Person,
    conflict=Policy.SERVER_OWNED,
    scopes=("person",),
    ids=OF_SCOPE,
    actions=(
        "care.admit_patient",
        "care.correct_person",
        "people.correct_staff",
        "people.invite_staff",
    ),
)
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


@document(
    "staff_member",
    StaffMember,
    conflict=Policy.SERVER_OWNED,
    scopes=("program",),
    ids=BY_SERVER,
    actions=(
        "people.change_role",
        "people.correct_staff",
        "people.end_staff",
        "people.invite_staff",
    ),
)
class StaffMemberDocument(serializers.ModelSerializer[StaffMember]):
    """A member of staff, as everyone in the programme sees them."""

    class Meta:
        model = StaffMember
        fields = ["user_id", "given_name", "family_name", "name_text", "role", "left_at"]


@document(
    "staff_correction",
    StaffCorrection,
    conflict=Policy.SERVER_OWNED,
    scopes=("person",),
    ids=BY_SERVER,
    actions=("people.correct_staff",),
)
class StaffCorrectionDocument(serializers.ModelSerializer[StaffCorrection]):
    """What was corrected about a member of staff, as they see it."""

    class Meta:
        model = StaffCorrection
        fields = ["field", "before", "after", "reason", "corrected_by", "corrected_at"]


@document(
    "account_recovery",
    AccountRecovery,
    conflict=Policy.STEPS,
    scopes=("person",),
    ids=BY_SERVER,
    actions=(
        "care.correct_person",
        "people.accept_invitation",
        "people.approve_invitation",
        "people.confirm_recovery",
        "people.correct_staff",
        "people.recover_staff",
        "people.refuse_recovery",
        "people.renew_invitation",
        "people.revoke_invitation",
    ),
)
class AccountRecoveryDocument(serializers.ModelSerializer[AccountRecovery]):
    """A new code for this account. Its owner can refuse it until it is used."""

    class Meta:
        model = AccountRecovery
        fields = [
            "programme_id",
            "started_by",
            "started_by_name",
            "started_at",
            "by_email",
            "needs_approval",
            "approved_by",
            "approved_by_name",
            "approved_at",
            "resets_factors",
            "usable_from",
            "expires_at",
            "confirmed_at",
            "refused_at",
            "revoked_at",
            "used_at",
        ]
