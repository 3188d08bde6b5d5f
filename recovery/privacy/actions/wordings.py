"""Publishing the texts that people sign, in every language."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Any

from rest_framework import serializers

from recovery.actions import ActionInput, Call, Refused, action
from recovery.actions.fields import Text
from recovery.actions.rules import only_system
from recovery.feed import publish, scopes
from recovery.people.rules import LOCALES
from recovery.privacy.models import ConsentForm, Notice, Wording
from recovery.privacy.rules.wording import (
    CONSENT_BLANKS,
    NOTICE_BLANKS,
    ConsentText,
    NoticeText,
    unknown_blanks,
)

NOTICE_KIND = "part2_notice"
# The blanks that each kind of text may have, to be filled in for a programme.
BLANKS = {NOTICE_KIND: NOTICE_BLANKS, **CONSENT_BLANKS}


class PublishWording(ActionInput):
    """One version, in every language that ships."""

    version = Text(max_length=20)
    effective_on = serializers.DateField()
    basis = Text()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        unknown = unknown_blanks(attrs["text"], BLANKS[attrs["kind"]])
        if unknown:
            raise serializers.ValidationError(
                f"There is no value for: {', '.join(sorted(unknown))}."
            )
        return attrs


class NoticeTexts(ActionInput):
    en = NoticeText()
    es = NoticeText()


class PublishNotice(PublishWording):
    kind = serializers.ChoiceField([NOTICE_KIND])
    text = NoticeTexts()


class ConsentTexts(ActionInput):
    en = ConsentText()
    es = ConsentText()


class PublishConsentForm(PublishWording):
    kind = serializers.ChoiceField(sorted(CONSENT_BLANKS))
    text = ConsentTexts()


@action("privacy.publish_notice", input=PublishNotice, allow=only_system)
@action("privacy.publish_consent_form", input=PublishConsentForm, allow=only_system)
def publish_wording(
    call: Call, *, version: str, effective_on: date, basis: str, kind: str, text: dict[str, Any]
) -> dict[str, bool]:
    """Publish a version of a text that people sign. Publishing it again changes nothing.

    Refused: `version_exists`.
    """
    is_notice = kind == NOTICE_KIND
    make: Callable[..., Wording] = Notice if is_notice else partial(ConsentForm, kind=kind)
    wordings = [
        make(
            id=Wording.id_of(kind, version, locale),
            scope_id=scopes.library(locale, opened_by=call.actor.id),
            version=version,
            locale=locale,
            effective_on=effective_on,
            basis=basis,
            content=text[locale],
            text_hash=Wording.hash_of(text[locale]),
        )
        for locale in LOCALES
    ]
    new = [wording for wording in wordings if _is_new(wording)]
    for wording in new:
        wording.save(force_insert=True)
        publish(wording)
    return {"published": bool(new)}


def _is_new(wording: Wording) -> bool:
    known = type(wording).objects.in_scope(wording.scope_id).filter(id=wording.id).first()
    # People may have signed this version, so it can never change.
    if known is not None and _said(known) != _said(wording):
        raise Refused(
            "version_exists",
            "This version has a different text, date or basis already. Make it the next version.",
        )
    return known is None


def _said(wording: Wording) -> tuple[str, date, str]:
    return wording.text_hash, wording.effective_on, wording.basis
