"""Consents (42 CFR 2.31): signed inside the action that needs one, and revoked by an action.

A domain that relies on a kind of consent declares with `when_revoked` what ends with it.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import TypedDict

from recovery.actions import ActionInput, Call, Ref, Refused, action
from recovery.actions.fields import Text
from recovery.feed import publish
from recovery.privacy import queries
from recovery.privacy.models import Consent, ConsentForm
from recovery.privacy.rules.consent import is_own_consent, missing_elements
from recovery.privacy.rules.wording import fill

Ending = Callable[[Call, Consent], None]
_endings: dict[str, Ending] = {}


class SignedConsent(ActionInput):
    """A signature under a form. `form` is the version that was on the screen."""

    form = Ref(ConsentForm)
    signature = Text(max_length=200)


class Signed(TypedDict):
    """A validated SignedConsent."""

    form: ConsentForm
    signature: str


def when_revoked(kind: str) -> Callable[[Ending], Ending]:
    """Declare what ends, in the same transaction, when a consent of this kind is revoked."""

    def register(ending: Ending) -> Ending:
        if kind in _endings:
            raise RuntimeError(f"two endings for {kind}")
        _endings[kind] = ending
        return ending

    return register


def record_consent(
    call: Call,
    signed: Signed,
    *,
    kind: str,
    scope_id: uuid.UUID,
    subject_id: uuid.UUID,
    patient_name: str,
    names: dict[str, str],
) -> Consent:
    """Save a consent of the acting patient. It is in force from now on.

    `scope_id` is the care record's; `names` fill in the blanks of the form. Refused: `wrong_form`,
    `superseded` (with the form in force), `incomplete`.
    """
    form = signed["form"]
    _require_current(call, form, kind)
    elements = {name: fill(text, names) for name, text in form.content["elements"].items()}
    consent = Consent(
        scope_id=scope_id,
        user_id=call.actor.id,
        kind=kind,
        subject_id=subject_id,
        patient_name=patient_name,
        signature=signed["signature"],
        signed_at=call.occurred_at,
        form_id=form.id,
        form_version=form.version,
        locale=form.locale,
        text_hash=form.text_hash,
        **elements,
    )
    if missing := missing_elements(consent):
        lacks = {"elements": ", ".join(missing)}
        raise Refused("incomplete", "The consent form is missing: %(elements)s.", values=lacks)
    consent.save(force_insert=True)
    publish(consent)
    return consent


def end_consent(call: Call, consent: Consent, state: str) -> None:
    """End the consent: it allows no further disclosure. `state`: "revoked" or "expired"."""
    consent.state = state
    consent.ended_at = call.now
    consent.save(update_fields=["state", "ended_at"])
    publish(consent)


class RevokeConsent(ActionInput):
    consent = Ref(Consent, lock=True)


@action("privacy.revoke_consent", input=RevokeConsent, allow=is_own_consent)
def revoke_consent(call: Call, *, consent: Consent) -> dict[str, str]:
    """Revoke a consent. What it allowed ends at the same time. Refused: `not_in_force`."""
    if consent.state != "active":
        raise Refused("not_in_force", "This consent has already ended.", current=consent)
    end_consent(call, consent, "revoked")
    # It has ended by now, so the handler below finds no active consent and does not end it twice.
    _endings[consent.kind](call, consent)
    return {"consent": str(consent.id)}


def _require_current(call: Call, form: ConsentForm, kind: str) -> None:
    if form.kind != kind:
        raise Refused("wrong_form", "This form is for a different kind of consent.")
    # Judged when the request arrives, even if the phone signed offline earlier: an older form may
    # no longer describe the disclosure.
    newest = queries.form_in_force(form.scope_id, kind, call.now.date())
    if newest is None or newest.id != form.id:
        raise Refused(
            "superseded",
            "There is a newer version of this form. Please read it and sign again.",
            current=newest,
        )
