"""Accounts and the phones they are signed in on."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from uuid_utils.compat import uuid7

from recovery.feed.models import Personal

# In place of a user's id where there is no user.
NOBODY = uuid.UUID(int=0)


class User(AbstractBaseUser):
    """An account: one person, for life. Names and clinical facts are in scoped rows."""

    # Read before anyone is signed in, so row-level security cannot apply. It must never hold a
    # clinical fact.
    table_class = "account"
    owned_by = "id"
    # Who works for a programme is said when the account is made.
    app_changes = ("email", "is_active", "locale")

    USERNAME_FIELD = "email"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    email = models.EmailField(unique=True, null=True)
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False, help_text="works for a programme")
    locale = models.TextField(default="en")
    created_at = models.DateTimeField()

    # Set by recovery.signin.authentication, and only on the user of a request.
    session_id: uuid.UUID
    methods: list[str]
    auth_time: datetime
    access_expires_at: datetime

    # Not stored here, outside the walls. Users see it for each of their own devices.
    last_login = None

    objects = BaseUserManager["User"]()

    def __str__(self) -> str:
        return str(self.id)


class DeviceSession(Personal):
    """One installed app in which one person is signed in. Stores tokens only as SHA-256.

    The current refresh token and the previous one are recognised by their hashes, every older one
    by its family. `arrived`: a current token has been used, so the response with it was not lost.
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
    pushes_stopped_at = models.DateTimeField(
        null=True, help_text="when the push service knew the device no longer"
    )
    wipe_requested_at = models.DateTimeField(null=True)
    wipe_acked_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["access_hash"], name="session_by_access"),
            models.Index(fields=["family_hash"], name="session_by_family"),
            models.Index(fields=["scope_id", "created_at"], name="sessions_of_person"),
        ]


class SignInAttempts(models.Model):
    """How often one network tried to sign in within one hour. What would be a row for each attempt
    is a count, because strangers can make as many attempts as they like.

    `network`: its keyed hash. `count`: all attempts, `refused`: those that failed.
    """

    # Written before anyone is signed in, so row-level security cannot apply.
    table_class = "account"
    counted_by_functions = True

    id = models.UUIDField(primary_key=True, editable=False)
    network = models.BinaryField()
    hour = models.DateTimeField()
    action = models.TextField()
    count = models.IntegerField()
    refused = models.IntegerField()

    class Meta:
        indexes = [models.Index(fields=["hour"], name="sign_in_attempts_hour")]
