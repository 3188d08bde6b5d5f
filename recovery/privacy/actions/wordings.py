"""Publishing the texts that people sign to the libraries of their languages."""

from __future__ import annotations

import json
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


class PublishWording(ActionInput):
    """A version in every language we ship."""

    version = serializers.CharField(max_length=20)
    effective_on = serializers.DateField()
    basis = serializers.CharField()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        unknown = unknown_blanks(json.loads(json.dumps(attrs["text"])), self.blanks(attrs["kind"]))
        if unknown:
            raise serializers.ValidationError(f"Nobody fills in: {', '.join(sorted(unknown))}.")
        return attrs

    def blanks(self, kind: str) -> set[str]:
        raise NotImplementedError


class NoticeTexts(ActionInput):
    en = NoticeText()
    es = NoticeText()


class PublishNotice(PublishWording):
    kind = serializers.ChoiceField(["part2_notice"])
    text = NoticeTexts()

    def blanks(self, kind: str) -> set[str]:
        return NOTICE_BLANKS


class ConsentTexts(ActionInput):
    en = ConsentText()
    es = ConsentText()


class PublishConsentForm(PublishWording):
    kind = serializers.ChoiceField(sorted(CONSENT_BLANKS))
    text = ConsentTexts()

    def blanks(self, kind: str) -> set[str]:
        return CONSENT_BLANKS[kind]


@action("privacy.publish_notice", input=PublishNotice, allow=only_system)
def publish_notice(call: Call, data: dict[str, Any]) -> dict[str, Any]:
    """Add a version of the notice; the same again is nothing. Refused: `version_exists`."""
    return {"published": _publish(call, data, Notice)}


@action("privacy.publish_consent_form", input=PublishConsentForm, allow=only_system)
def publish_consent_form(call: Call, data: dict[str, Any]) -> dict[str, Any]:
    """Add a version of a consent form; the same again is nothing. Refused: `version_exists`."""
    return {"published": _publish(call, data, ConsentForm, kind=data["kind"])}


def _publish(call: Call, data: dict[str, Any], model: type[Wording], **more: Any) -> bool:
    fresh = [_publish_text(_wording(call, data, locale, model, more), model) for locale in LOCALES]
    return any(fresh)


def _wording(
    call: Call, data: dict[str, Any], locale: str, model: type[Wording], more: dict[str, Any]
) -> Wording:
    content = json.loads(json.dumps(data["text"][locale]))
    return model(
        id=Wording.id_of(data["kind"], data["version"], locale),
        scope_id=scopes.library(locale, opened_by=call.actor.id),
        version=data["version"],
        locale=locale,
        effective_on=data["effective_on"],
        basis=data["basis"],
        content=content,
        text_hash=Wording.hash_of(content),
        **more,
    )


def _publish_text(wording: Wording, model: type[Wording]) -> bool:
    known = model.objects.in_scope(wording.scope_id).filter(id=wording.id).first()
    if known is None:
        wording.save(force_insert=True)
        publish(wording)
    elif known.text_hash != wording.text_hash:
        raise Refused("version_exists", "This version says something else. Raise `version`.")
    return known is None
