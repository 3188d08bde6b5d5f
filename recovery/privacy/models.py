"""Notices and consents, with the exact texts that people signed."""

from __future__ import annotations

import hashlib
import json
import uuid
from typing import Any

from django.db import models
from django.db.models import Q

from recovery.feed.models import Personal, Scoped
from recovery.feed.scopes import NAMESPACE


class Wording(Scoped):
    """One version of a text that people sign, in one language, in the library of that language.

    It never changes, so its hash proves what the person saw.
    """

    append_only = True

    version = models.TextField()
    locale = models.TextField()
    effective_on = models.DateField()
    basis = models.TextField(help_text="the rule it answers to")
    content = models.JSONField()
    text_hash = models.TextField(help_text="SHA-256 of the content, see `hash_of`")

    class Meta:
        abstract = True

    @staticmethod
    def id_of(kind: str, version: str, locale: str) -> uuid.UUID:
        """The same in every deployment."""
        return uuid.uuid5(NAMESPACE, f"wording:{kind}:{version}:{locale}")

    @staticmethod
    def hash_of(content: dict[str, Any]) -> str:
        """SHA-256, in hex, of the content as compact JSON with sorted keys in UTF-8."""
        text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()


class Notice(Wording):
    """The notice of 42 CFR 2.22. Every patient gets it before any of their data is shown."""

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["scope_id", "version"], name="notice_version_once")
        ]


class ConsentForm(Wording):
    """The text of one kind of consent. `content["elements"]` are those of 42 CFR 2.31(a)."""

    kind = models.TextField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["scope_id", "kind", "version"], name="consent_form_version_once"
            )
        ]


class NoticeRequest(Personal):
    """A programme asks a person to answer the notice. It is in the person's own scope, so that
    their phone can show it before the answer. `names` fill the blanks of the notice, each a text
    or a text by locale."""

    programme_id = models.UUIDField()
    names = models.JSONField()
    asked_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["scope_id", "programme_id"], name="notice_asked_once")
        ]

    @staticmethod
    def id_of(user_id: uuid.UUID, programme_id: uuid.UUID) -> uuid.UUID:
        return uuid.uuid5(user_id, f"notice:{programme_id}")


class NoticeAcknowledgement(Personal):
    """A person's answer to one version of the notice. Declining is an answer too."""

    append_only = True

    notice_id = models.UUIDField()
    version = models.TextField()
    locale = models.TextField(help_text="in which it was shown")
    text_hash = models.TextField()
    answer = models.TextField(choices=[(a, a) for a in ("acknowledged", "declined")])
    signed_name = models.TextField(blank=True)
    answered_at = models.DateTimeField(help_text="as far as we can know")
    received_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["scope_id", "version"],
                condition=Q(answer="acknowledged"),
                name="notice_acknowledged_once",
            ),
            models.CheckConstraint(
                condition=~Q(answer="acknowledged", signed_name=""), name="acknowledgement_signed"
            ),
        ]


class Consent(Scoped):
    """One signed consent with every element of 42 CFR 2.31(a), as it was signed.

    It is in the care record of the programme that discloses under it, which must be able to show
    it. `subject_id` is the group or pair (its connection request) that it opens. The database
    refuses an active consent with a missing element.
    """

    ELEMENTS = (
        "patient_name",
        "discloser",
        "information",
        "recipient",
        "purpose",
        "revocation",
        "expiry",
        "signature",
    )

    user_id = models.UUIDField(help_text="the patient")
    kind = models.TextField()
    subject_id = models.UUIDField()
    patient_name = models.TextField()
    discloser = models.TextField(help_text="who may disclose")
    information = models.TextField()
    recipient = models.TextField()
    purpose = models.TextField()
    revocation = models.TextField(help_text="the right to revoke, how, and its limits")
    expiry = models.TextField(help_text="the date, event or condition")
    expires_on = models.DateField(null=True, help_text="where the expiry is a date")
    signature = models.TextField(help_text="the name as the patient signed it")
    signer_role = models.TextField(default="patient")
    signed_at = models.DateTimeField()
    form_id = models.UUIDField()
    form_version = models.TextField()
    locale = models.TextField(help_text="in which the form was shown")
    text_hash = models.TextField()
    state = models.TextField(
        choices=[(s, s) for s in ("active", "revoked", "expired")], default="active"
    )
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["scope_id", "user_id", "kind", "subject_id"],
                condition=Q(state="active"),
                name="one_consent_in_force",
            ),
            models.CheckConstraint(
                condition=~Q(state="active")
                | ~(
                    Q(patient_name="")
                    | Q(discloser="")
                    | Q(information="")
                    | Q(recipient="")
                    | Q(purpose="")
                    | Q(revocation="")
                    | Q(expiry="")
                    | Q(signature="")
                ),
                name="consent_complete",
            ),
            models.CheckConstraint(
                condition=Q(state="active", ended_at=None)
                | (~Q(state="active") & Q(ended_at__isnull=False)),
                name="consent_end_is_dated",
            ),
        ]
