"""What a text that people sign must contain, and how its blanks are filled in."""

from __future__ import annotations

from collections.abc import Iterator
from string import Formatter
from typing import Any

from rest_framework import serializers

from recovery.actions import ActionInput
from recovery.actions.fields import Code, Text

NOTICE_BLANKS = {"programme", "privacy_contact", "phone", "email", "effective_on"}
# The kinds of consent: to be visible in a peer group, and to one connected person.
GROUP_CONSENT, PAIR_CONSENT = "peer_group_visibility", "peer_pair_visibility"
CONSENT_BLANKS = {GROUP_CONSENT: {"programme", "group"}, PAIR_CONSENT: {"programme", "peer"}}


def fill(text: str, names: dict[str, str]) -> str:
    """The text with its blanks filled in. Braces in `names` are not blanks."""
    return text.format_map(names)


def unknown_blanks(content: Any, known: set[str]) -> set[str]:
    """Blanks that would stay empty, and "?" where braces do not match."""
    blanks: set[str] = set()
    for text in _texts(content):
        try:
            blanks |= {name for _, name, _, _ in Formatter().parse(text) if name is not None}
        except ValueError:
            blanks.add("?")
    return blanks - known


def _texts(content: Any) -> Iterator[str]:
    if isinstance(content, str):
        yield content
    elif isinstance(content, dict):
        for each in content.values():
            yield from _texts(each)
    elif isinstance(content, list):
        for each in content:
            yield from _texts(each)


class Section(ActionInput):
    """Part of a notice: running text or a list."""

    id = Code()
    title = Text()
    body = Text(required=False)
    list = serializers.ListField(child=Text(), required=False, min_length=1)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("body" in attrs) == ("list" in attrs):
            raise serializers.ValidationError("A section has either a body or a list.")
        return attrs


class NoticeText(ActionInput):
    """The notice in one language; `heading` is the header that 42 CFR 2.22(b)(1)(i) asks for."""

    title = Text()
    heading = Text()
    sections = Section(many=True, allow_empty=False)
    acknowledge = Text()
    decline = Text()


class ConsentElements(ActionInput):
    """What 42 CFR 2.31(a) asks for, apart from who signs and when."""

    discloser = Text()
    information = Text()
    recipient = Text()
    purpose = Text()
    revocation = Text()
    expiry = Text()


class ConsentText(ActionInput):
    """A consent form in one language."""

    title = Text()
    intro = Text()
    elements = ConsentElements()
    if_you_refuse = Text()
    may_pass_on = Text()
    promise = Text()
    agree = Text()
    decline = Text()
