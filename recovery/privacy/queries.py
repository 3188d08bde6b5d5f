"""What was told and agreed so far."""

from __future__ import annotations

import uuid
from datetime import date

from recovery.privacy.models import Consent, ConsentForm, Notice, NoticeAcknowledgement
from recovery.privacy.rules.consent import is_in_force
from recovery.signin.models import User


def notice_in_force(scope_id: uuid.UUID, on: date) -> Notice | None:
    """The notice that people are shown now in one language's library; None before the first."""
    told = Notice.objects.in_scope(scope_id).filter(effective_on__lte=on)
    return told.order_by("-effective_on", "-version").first()


def form_in_force(scope_id: uuid.UUID, kind: str, on: date) -> ConsentForm | None:
    """The form in which this kind of consent is asked for now."""
    forms = ConsentForm.objects.in_scope(scope_id).filter(kind=kind, effective_on__lte=on)
    return forms.order_by("-effective_on", "-version").first()


def acknowledgement(user_id: uuid.UUID, version: str | None = None) -> NoticeAcknowledgement | None:
    """The person's acknowledgement of this version of the notice, or of any."""
    given = NoticeAcknowledgement.objects.in_scope(user_id).filter(answer="acknowledged")
    if version is not None:
        given = given.filter(version=version)
    return given.first()


def given_consent(*, user_id: uuid.UUID, kind: str, subject_id: uuid.UUID) -> Consent | None:
    """The consent of this kind that a person gave for a group or a pair and has not ended.

    Read as its giver sees it, so the acting user is the giver.
    """
    given = Consent.objects.visible_to(User(id=user_id)).filter(
        user_id=user_id, kind=kind, subject_id=subject_id, state="active"
    )
    consent: Consent | None = given.first()
    return consent


def consent_in_force(
    *, user_id: uuid.UUID, kind: str, subject_id: uuid.UUID, on: date
) -> Consent | None:
    """The same, if it counts on this day; looked at again at each use (2.31(c))."""
    consent = given_consent(user_id=user_id, kind=kind, subject_id=subject_id)
    return consent if consent and is_in_force(consent, on) else None
