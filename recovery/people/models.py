"""Accounts and the phones they are signed in on."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from uuid_utils.compat import uuid7

from recovery.feed.models import Personal, Scoped


class User(AbstractBaseUser):
    """An account: one person, for life. Names and clinical facts live in scoped rows."""

    # Read before anybody is signed in, so it stands outside the wall; it holds no clinical fact.
    table_class = "account"

    USERNAME_FIELD = "email"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    email = models.EmailField(unique=True, null=True)
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False, help_text="works for a programme")
    locale = models.TextField(default="en")
    created_at = models.DateTimeField()

    # Of the person behind a request only; recovery.people.authentication sets them.
    session_id: uuid.UUID
    methods: list[str]
    auth_time: datetime
    access_expires_at: datetime

    # When somebody last signed in is known of their devices, to themself.
    last_login = None

    objects = BaseUserManager["User"]()

    def __str__(self) -> str:
        return str(self.id)


class Person(Personal):
    """Who an account belongs to: the person's own copy. What others may know of them is a row
    of its own in the scope of those others."""

    given_name = models.TextField()
    family_name = models.TextField()
    called = models.TextField(blank=True, help_text="the name the person wants to hear")
    date_of_birth = models.DateField(null=True, help_text="confirmed by staff; staff have none")
    email = models.EmailField(blank=True, help_text="as given when invited")
    phone = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["scope_id"], name="one_person_an_account")]


class StaffMember(Scoped):
    """A member of a programme's staff, as everybody in the programme may know them."""

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

    Lives in the `staff:` scope. The hash covers the code and the date of birth together, so
    that a wrong date, a wrong code, a used one and none at all cannot be told apart.
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


class DeviceSession(Personal):
    """One installed app in which one person is signed in. Tokens are stored as SHA-256 only.

    The current refresh token and the one before it are known by their hashes, every older one
    by the family. `arrived`: the current tokens have been used, so their answer was not lost.
    """

    device_key = models.BinaryField(null=True, help_text="P-256 public key, DER")
    platform = models.TextField()
    app = models.TextField(help_text="the app's version")
    name = models.TextField(blank=True, help_text="as the owner knows the device")
    install = models.BinaryField(null=True, help_text="SHA-256 of the install's secret")
    methods = models.JSONField(default=list, help_text="how the person proved who they are")
    created_at = models.DateTimeField()
    last_seen = models.DateTimeField(help_text="rounded down to five minutes")
    auth_time = models.DateTimeField()
    idle_for = models.DurationField()
    idle_expires_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    access_hash = models.BinaryField()
    access_expires_at = models.DateTimeField()
    family_hash = models.BinaryField()
    current_hash = models.BinaryField()
    previous_hash = models.BinaryField(null=True)
    generation = models.IntegerField(default=0)
    rotated_at = models.DateTimeField()
    arrived = models.BooleanField(default=False)
    proof_nonces = models.JSONField(default=list, help_text="of proofs that are still fresh")
    revoked_at = models.DateTimeField(null=True)
    revoked_why = models.TextField(
        blank=True, help_text="signed_out, revoked, lost, reuse, recovered, by_staff or disabled"
    )
    wipe_requested_at = models.DateTimeField(null=True)
    wipe_acked_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["access_hash"], name="session_by_access"),
            models.Index(fields=["family_hash"], name="session_by_family"),
            models.Index(fields=["scope_id", "created_at"], name="sessions_of_person"),
        ]


class Attempts(models.Model):
    """How often something was tried in the present window, while Valkey cannot count it."""

    # Counted before anybody is signed in; the key is a hash that names nobody.
    table_class = "account"

    key = models.BinaryField(primary_key=True, max_length=32)
    count = models.IntegerField()
    until = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["until"], name="attempts_until")]
