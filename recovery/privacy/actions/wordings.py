"""Publishing the texts that people sign, in every language."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from typing import Any

from rest_framework import serializers

from recovery.actions import ActionInput, Call, Refused, action
from recovery.actions.rules import only_system
from recovery.feed import publish, scopes
from recovery.privacy.models import ConsentForm, Notice, Wording
from recovery.privacy.rules.wording import (
    CONSENT_BLANKS,
    LOCALES,
    NOTICE_BLANKS,
    ConsentText,
    NoticeText,
    unknown_blanks,
)

NOTICE_KIND = "part2_notice"
# What each kind of text may leave open, to be filled in for a programme.
BLANKS = {NOTICE_KIND: NOTICE_BLANKS, **CONSENT_BLANKS}


class PublishWording(ActionInput):
    """One version, in every language that ships."""

    version = serializers.CharField(max_length=20)
    effective_on = serializers.DateField()
    basis = serializers.CharField()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        unknown = unknown_blanks(json.loads(json.dumps(attrs["text"])), BLANKS[attrs["kind"]])
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
def publish_notice(
    call: Call, *, version: str, effective_on: date, basis: str, kind: str, text: dict[str, Any]
) -> dict[str, bool]:
    """Publish a version of the notice. Publishing it again changes nothing.

    Refused: `version_exists`.
    """
    wordings = [
        Notice(
            id=Wording.id_of(kind, version, locale),
            scope_id=scopes.library(locale, opened_by=call.actor.id),
            version=version,
            locale=locale,
            effective_on=effective_on,
            basis=basis,
            content=_plain(text[locale]),
        )
        for locale in LOCALES
    ]
    return {"published": _publish(wordings)}


@action("privacy.publish_consent_form", input=PublishConsentForm, allow=only_system)
def publish_consent_form(
    call: Call, *, version: str, effective_on: date, basis: str, kind: str, text: dict[str, Any]
) -> dict[str, bool]:
    """Publish a version of a consent form. Publishing it again changes nothing.

    Refused: `version_exists`.
    """
    wordings = [
        ConsentForm(
            id=Wording.id_of(kind, version, locale),
            scope_id=scopes.library(locale, opened_by=call.actor.id),
            kind=kind,
            version=version,
            locale=locale,
            effective_on=effective_on,
            basis=basis,
            content=_plain(text[locale]),
        )
        for locale in LOCALES
    ]
    return {"published": _publish(wordings)}


def _plain(content: Any) -> Any:
    return json.loads(json.dumps(content))


def _publish(wordings: Sequence[Notice | ConsentForm]) -> bool:
    """Publish what is new. Returns whether anything is."""
    # A list, because `any` alone would stop at the first new one.
    published = [_publish_one(wording) for wording in wordings]
    return any(published)


def _publish_one(wording: Notice | ConsentForm) -> bool:
    wording.text_hash = Wording.hash_of(wording.content)
    known = type(wording).objects.in_scope(wording.scope_id).filter(id=wording.id).first()
    if known is None:
        wording.save(force_insert=True)
        publish(wording)
    elif known.text_hash != wording.text_hash:
        raise Refused(
            "version_exists", "This version has a different text already. Raise `version`."
        )
    return known is None
