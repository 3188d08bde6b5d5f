"""The people behind the accounts, and their invitations."""

from __future__ import annotations

from datetime import datetime

from django.db import models

from recovery.feed.models import Personal, Scoped

STATES = ("needs_approval", "waiting", "used", "expired", "revoked", "refused")


class HumanName(models.Model):
    """A name as in FHIR's HumanName. One part is enough: many people have a single name.

    `name_text`: the whole name as it is written, where given and family name do not say it.
    """

    given_name = models.TextField(blank=True)
    family_name = models.TextField(blank=True)
    name_text = models.TextField(blank=True, db_default="", default="")

    class Meta:
        abstract = True

    @property
    def full_name(self) -> str:
        return whole_name(self.given_name, self.family_name, self.name_text)


def whole_name(given_name: str = "", family_name: str = "", name_text: str = "") -> str:
    """The name on one line, from the parts that there are."""
    return name_text or " ".join(part for part in (given_name, family_name) if part)


def name_to_say(given_name: str, family_name: str, name_text: str, called: str) -> str:
    """The name on one line, with the one that the person wants to hear."""
    return whole_name(called or given_name, family_name, "" if called else name_text)


class Person(HumanName, Personal):
    """The owner of an account, in their own scope. What others may know of them is a separate row
    in the scope of those others."""

    called = models.TextField(blank=True, help_text="the name the person wants to hear")
    date_of_birth = models.DateField(null=True, help_text="confirmed by staff; staff have none")
    email = models.EmailField(blank=True, help_text="as given when invited")
    email_by = models.UUIDField(null=True, help_text="who recorded the address last")
    phone = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["scope_id"], name="one_person_an_account")]


class AccountRecovery(Personal):
    """A new code for an account that was used before, as its owner sees it: who made it, who
    approved it, and what became of it. `id` is the invitation's.

    Names are as they were then. Staff may have left since.
    """

    programme_id = models.UUIDField()
    started_by = models.UUIDField(null=True, help_text="null: the operator of the server")
    started_by_name = models.TextField(blank=True)
    started_at = models.DateTimeField()
    by_email = models.BooleanField()
    needs_approval = models.BooleanField()
    approved_by = models.UUIDField(null=True)
    approved_by_name = models.TextField(blank=True)
    approved_at = models.DateTimeField(null=True)
    resets_factors = models.BooleanField()
    usable_from = models.DateTimeField(null=True)
    expires_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True, help_text="by the owner: no need to wait")
    refused_at = models.DateTimeField(null=True, help_text="by the owner")
    revoked_at = models.DateTimeField(null=True)
    used_at = models.DateTimeField(null=True)


class AddressCode(Personal):
    """A code sent to an address that its owner wants to sign in with."""

    session_id = models.UUIDField()
    sealed = models.BinaryField(help_text="the address")
    code_hash = models.BinaryField()
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    tries_left = models.SmallIntegerField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["scope_id", "created_at"], name="address_codes_of_person")]


class StaffMember(HumanName, Scoped):
    """A member of a programme's staff, as everyone in the programme sees them."""

    user_id = models.UUIDField()
    role = models.TextField()
    left_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["scope_id", "user_id"], name="staff_member_once")
        ]


class CorrectionFacts(models.Model):
    """One fact about a person that was wrong: what was recorded before, and what holds now."""

    field = models.TextField(help_text="the code of what was corrected, such as `date_of_birth`")
    before = models.TextField(blank=True)
    after = models.TextField(blank=True)
    reason = models.TextField(blank=True)
    corrected_by = models.UUIDField()
    corrected_at = models.DateTimeField()

    class Meta:
        abstract = True


class StaffCorrection(CorrectionFacts, Personal):
    """A correction about a member of staff, in their own scope."""

    append_only = True


class Invitation(Scoped):
    """A one-use code with which a person signs in for the first time, or on a new phone.

    It is in the `staff:` scope. It is redeemed with the date of birth as the person's row has it,
    and a wrong date cannot be distinguished from a wrong or used code. A code that opens an account
    which was used before waits until a second member of staff approves it, unless it was sent to
    the confirmed address.
    """

    programme_id = models.UUIDField()
    user_id = models.UUIDField()
    for_staff = models.BooleanField()
    by_email = models.BooleanField(help_text="otherwise the code was handed over")
    code_hash = models.BinaryField()
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    invited_by = models.UUIDField()
    used_at = models.DateTimeField(null=True)
    used_by = models.BinaryField(null=True, help_text="SHA-256 of the install's secret")
    revoked_at = models.DateTimeField(null=True)
    sent_to = models.BinaryField(null=True, help_text="keyed hash of the address it was sent to")
    needs_approval = models.BooleanField(db_default=False)
    approved_by = models.UUIDField(null=True)
    approved_at = models.DateTimeField(null=True)
    resets_factors = models.BooleanField(db_default=False)
    usable_from = models.DateTimeField(null=True, help_text="null: at once")
    refused_at = models.DateTimeField(null=True, help_text="by the owner of the account")

    @property
    def waits_for_approval(self) -> bool:
        return self.needs_approval and self.approved_at is None

    def state(self, now: datetime) -> str:
        """One of STATES."""
        if self.used_at:
            return "used"
        if self.refused_at:
            return "refused"
        if self.revoked_at:
            return "revoked"
        if now >= self.expires_at:
            return "expired"
        return "needs_approval" if self.waits_for_approval else "waiting"

    class Meta:
        indexes = [
            models.Index(fields=["code_hash"], name="invitation_by_code"),
            models.Index(fields=["scope_id", "user_id"], name="invitations_of_person"),
        ]
