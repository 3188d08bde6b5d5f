"""What phones see of notices and consents."""

from __future__ import annotations

from rest_framework import serializers

from foundation.fields import TEXT, a_map
from recovery.feed import Policy, document
from recovery.feed.ids import BY_PHONE, BY_SERVER, derived
from recovery.feed.shapes import BY_LOCALE, Shaped
from recovery.privacy.models import (
    Consent,
    ConsentForm,
    Notice,
    NoticeAcknowledgement,
    NoticeRequest,
)
from recovery.privacy.rules.wording import ConsentText, NoticeText

WORDING = ["version", "locale", "effective_on", "content", "text_hash"]
HASH = {"text_hash": {"help_text": "SHA-256 of the content, in hex"}}
# Texts, or texts by locale.
NAMES = a_map({"anyOf": [TEXT, BY_LOCALE]}, description="they fill the blanks of the notice")


@document(
    "notice",
    Notice,
    conflict=Policy.SERVER_OWNED,
    scopes=("library",),
    ids=BY_SERVER,
    actions=("privacy.publish_notice",),
)
class NoticeDocument(serializers.ModelSerializer[Notice]):
    """Words in braces are filled in with the `names` of the notice request."""

    content = Shaped(NoticeText())

    class Meta:
        model = Notice
        fields = WORDING
        extra_kwargs = HASH


@document(
    "consent_form",
    ConsentForm,
    conflict=Policy.SERVER_OWNED,
    scopes=("library",),
    ids=BY_SERVER,
    actions=("privacy.publish_consent_form",),
)
class ConsentFormDocument(serializers.ModelSerializer[ConsentForm]):
    """Words in braces are filled in with what the consent is about."""

    content = Shaped(ConsentText())

    class Meta:
        model = ConsentForm
        fields = ["kind", *WORDING]
        extra_kwargs = HASH


@document(
    "notice_request",
    NoticeRequest,
    conflict=Policy.SERVER_OWNED,
    scopes=("person",),
    ids=derived("{scope}", "notice:{document.programme}"),
    actions=("care.admit_patient",),
)
class NoticeRequestDocument(serializers.ModelSerializer[NoticeRequest]):
    programme = serializers.UUIDField(source="programme_id")
    names = Shaped(NAMES)

    class Meta:
        model = NoticeRequest
        fields = ["programme", "names", "asked_at"]


@document(
    "notice_acknowledgement",
    NoticeAcknowledgement,
    conflict=Policy.APPEND_ONLY,
    scopes=("person",),
    ids=BY_PHONE,
    actions=(
        "privacy.acknowledge_notice",
        "privacy.decline_notice",
    ),
)
class NoticeAcknowledgementDocument(serializers.ModelSerializer[NoticeAcknowledgement]):
    notice = serializers.UUIDField(source="notice_id")

    class Meta:
        model = NoticeAcknowledgement
        fields = ["notice", "version", "locale", "answer", "signed_name", "answered_at"]


@document(
    "consent",
    Consent,
    conflict=Policy.STEPS,
    scopes=("care",),
    ids=BY_SERVER,
    actions=(
        "alumni.accept_connection",
        "alumni.block_person",
        "alumni.end_connection",
        "alumni.request_connection",
        "groups.join",
        "groups.leave",
        "groups.remove_member",
        "privacy.revoke_consent",
    ),
)
class ConsentDocument(serializers.ModelSerializer[Consent]):
    """The patient's copy: every element as it was signed."""

    patient = serializers.UUIDField(source="user_id")
    subject = serializers.UUIDField(source="subject_id")
    form = serializers.UUIDField(source="form_id")

    class Meta:
        model = Consent
        fields = [
            "patient",
            "kind",
            "subject",
            *Consent.ELEMENTS,
            "expires_on",
            "signed_at",
            "form",
            "form_version",
            "locale",
            "text_hash",
            "state",
            "ended_at",
        ]
