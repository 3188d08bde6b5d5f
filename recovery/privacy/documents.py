"""What phones see of notices and consents."""

from __future__ import annotations

from rest_framework import serializers

from recovery.feed import Policy, document
from recovery.privacy.models import (
    Consent,
    ConsentForm,
    Notice,
    NoticeAcknowledgement,
    NoticeRequest,
)

WORDING = ["version", "locale", "effective_on", "content", "text_hash"]


@document("notice", Notice, conflict=Policy.SERVER_OWNED)
class NoticeDocument(serializers.ModelSerializer[Notice]):
    class Meta:
        model = Notice
        fields = WORDING


@document("consent_form", ConsentForm, conflict=Policy.SERVER_OWNED)
class ConsentFormDocument(serializers.ModelSerializer[ConsentForm]):
    """Words in braces are filled in with what the consent is about."""

    class Meta:
        model = ConsentForm
        fields = ["kind", *WORDING]


@document("notice_request", NoticeRequest, conflict=Policy.SERVER_OWNED)
class NoticeRequestDocument(serializers.ModelSerializer[NoticeRequest]):
    programme = serializers.UUIDField(source="programme_id")

    class Meta:
        model = NoticeRequest
        fields = ["programme", "names", "asked_at"]


@document("notice_acknowledgement", NoticeAcknowledgement, conflict=Policy.APPEND_ONLY)
class NoticeAcknowledgementDocument(serializers.ModelSerializer[NoticeAcknowledgement]):
    notice = serializers.UUIDField(source="notice_id")

    class Meta:
        model = NoticeAcknowledgement
        fields = ["notice", "version", "locale", "answer", "signed_name", "answered_at"]


@document("consent", Consent, conflict=Policy.STEPS)
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
