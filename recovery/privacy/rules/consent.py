"""When a consent is in force, and who may revoke it."""

from __future__ import annotations

from datetime import date
from typing import Any

from foundation.text import is_visible
from recovery.actions import Call, rule
from recovery.privacy.models import Consent


def missing_elements(consent: Consent) -> list[str]:
    """The elements of 42 CFR 2.31(a) that this consent lacks."""
    # The database refuses an empty element, but would accept one of spaces.
    return [name for name in Consent.ELEMENTS if not is_visible(getattr(consent, name))]


def is_in_force(consent: Consent, on: date) -> bool:
    """A consent that has ended, expired or is incomplete allows no disclosure (2.31(c))."""
    return (
        consent.state == "active"
        and (consent.expires_on is None or on <= consent.expires_on)
        and not missing_elements(consent)
    )


@rule
def is_own_consent(call: Call, data: dict[str, Any]) -> bool:
    """The person who gave the consent."""
    return data["consent"].user_id == call.actor.id
