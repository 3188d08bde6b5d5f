"""The people behind the accounts, and their invitations."""

from __future__ import annotations

from django.db import models

from recovery.feed.models import Personal, Scoped


class Person(Personal):
    """The owner of an account, in their own scope. What others may know of them is a separate row
    in the scope of those others."""

    given_name = models.TextField()
    family_name = models.TextField()
    called = models.TextField(blank=True, help_text="the name the person wants to hear")
    date_of_birth = models.DateField(null=True, help_text="confirmed by staff; staff have none")
    email = models.EmailField(blank=True, help_text="as given when invited")
    phone = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["scope_id"], name="one_person_an_account")]


class StaffMember(Scoped):
    """A member of a programme's staff, as everyone in the programme sees them."""

    user_id = models.UUIDField()
    given_name = models.TextField()
    family_name = models.TextField()
    role = models.TextField()
    left_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["scope_id", "user_id"], name="staff_member_once")
        ]


class Invitation(Scoped):
    """A one-use code with which a person signs in for the first time, or on a new phone.

    It is in the `staff:` scope. The hash covers the code and the date of birth together, so that a
    wrong date cannot be distinguished from a wrong or used code.
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

    class Meta:
        indexes = [
            models.Index(fields=["code_hash"], name="invitation_by_code"),
            models.Index(fields=["scope_id", "user_id"], name="invitations_of_person"),
        ]
