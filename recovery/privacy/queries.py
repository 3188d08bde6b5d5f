"""Which notices and forms apply, and what a person has acknowledged and consented to.

A text is in force from its date in UTC: a library belongs to no programme, so it has no time zone
of its own.
"""

from __future__ import annotations

import uuid
from datetime import date

from recovery.privacy.models import Consent, ConsentForm, Notice, NoticeAcknowledgement
from recovery.privacy.rules.consent import is_in_force
from recovery.signin.models import User


def notice_in_force(scope_id: uuid.UUID, on: date) -> Notice | None:
    """The current notice in the library of one language; None before the first."""
    notices = Notice.objects.in_scope(scope_id).filter(effective_on__lte=on)
    return notices.order_by("-effective_on", "-version").first()


def form_in_force(scope_id: uuid.UUID, kind: str, on: date) -> ConsentForm | None:
    """The current form for this kind of consent."""
    forms = ConsentForm.objects.in_scope(scope_id).filter(kind=kind, effective_on__lte=on)
    return forms.order_by("-effective_on", "-version").first()


def acknowledgement(user_id: uuid.UUID, version: str | None = None) -> NoticeAcknowledgement | None:
    """The user's acknowledgement of this version of the notice, or of any version."""
    rows = NoticeAcknowledgement.objects.in_scope(user_id).filter(answer="acknowledged")
    if version is not None:
        rows = rows.filter(version=version)
    return rows.first()


def active_consent(*, user_id: uuid.UUID, kind: str, subject_id: uuid.UUID) -> Consent | None:
    """The person's active consent of this kind for a group or pair."""
    # A consent is visible to its patient and their care team. A facilitator or peer who needs it
    # must be `acting_as` the patient.
    active = Consent.objects.visible_to(User(id=user_id)).filter(
        user_id=user_id, kind=kind, subject_id=subject_id, state="active"
    )
    consent: Consent | None = active.first()
    return consent


def consent_in_force(
    *, user_id: uuid.UUID, kind: str, subject_id: uuid.UUID, on: date
) -> Consent | None:
    """The person's consent, if it is in force on this day. Checked at each use (2.31(c))."""
    consent = active_consent(user_id=user_id, kind=kind, subject_id=subject_id)
    return consent if consent and is_in_force(consent, on) else None
