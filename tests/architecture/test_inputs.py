"""Inputs keep no state between requests, because they are created once per thread. Every text,
time and time zone in them is one of our fields, which judge what a reader sees."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rest_framework import serializers

from foundation import time_zones
from foundation.text import is_visible
from recovery.actions.fields import MailAddress, Moment, Text, TimeZone
from recovery.actions.inputs import checked
from recovery.actions.registry import ACTIONS, Action
from tests.architecture.input_fields import fields


class ActorInput(serializers.Serializer[Any]):
    """Returns the actor."""

    def validate(self, attrs: Any) -> dict[str, Any]:
        return {"by": self.context["actor"]}


@pytest.mark.parametrize("action", ACTIONS.values(), ids=lambda action: str(action.name))
def test_no_default_could_be_shared(action: Action) -> None:
    defaults = [field.default for field in fields(action.input())]
    assert [each for each in defaults if isinstance(each, list | dict | set)] == []


def test_each_request_is_validated_with_its_own_actor() -> None:
    assert [checked(ActorInput, {}, {"actor": name})["by"] for name in ("ana", "ben")] == [
        "ana",
        "ben",
    ]


@pytest.mark.parametrize("action", ACTIONS.values(), ids=lambda action: str(action.name))
@pytest.mark.parametrize("data", [None, [], "words", 1, True], ids=repr)
def test_a_body_that_is_no_object_is_refused_by_name(action: Action, data: Any) -> None:
    with pytest.raises(serializers.ValidationError) as refused:
        checked(action.input, data, {})
    assert isinstance(refused.value.detail, dict)


def texts() -> list[Any]:
    """The text fields of all inputs."""
    every = [field for action in ACTIONS.values() for field in fields(action.input())]
    return [field for field in every if isinstance(field, serializers.CharField)]


@pytest.mark.parametrize("action", ACTIONS.values(), ids=lambda action: str(action.name))
def test_texts_and_times_are_our_fields(action: Action) -> None:
    for field in fields(action.input()):
        name = f"{field.field_name}: {type(field).__name__}"
        if isinstance(field, serializers.CharField):
            assert isinstance(field, Text), name
            assert not field.trim_whitespace, name
        if isinstance(field, serializers.DateTimeField):
            assert isinstance(field, Moment), name
        if "zone" in str(field.field_name):
            assert isinstance(field, TimeZone), name


UNSEEN = st.sampled_from("\u200b\u2800\u3164 \n\t\u202e\ufe0f\u0301\U000e0041\xa0")


@given(st.text(UNSEEN, min_size=1))
def test_no_text_of_any_input_is_only_what_nobody_sees(nothing: str) -> None:
    for field in (each for each in TEXTS if not each.allow_blank):
        with pytest.raises(serializers.ValidationError):
            field.run_validation(nothing)


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1))
def test_every_text_of_every_input_stays_as_it_is(written: str) -> None:
    for field in WORDS:
        fits = len(written) <= (field.max_length or len(written))
        if fits and (field.allow_blank or is_visible(written)):
            assert field.run_validation(written) == written, field.field_name


TEXTS = texts()
# Those that take any words.
WORDS = [
    field
    for field in TEXTS
    if type(field) is Text
    and not field.min_length
    and not any(hasattr(rule, "regex") for rule in field.validators)
]


@pytest.mark.parametrize(
    "naive", ["2026-11-29T04:13:00", "2026-11-29 04:13", "20261129T041300", "2026-11-29"]
)
def test_no_time_of_any_input_is_without_its_offset(naive: str) -> None:
    moments = [f for a in ACTIONS.values() for f in fields(a.input()) if isinstance(f, Moment)]
    assert moments
    for field in moments:
        with pytest.raises(serializers.ValidationError, match="offset"):
            field.run_validation(naive)


@pytest.mark.parametrize(
    "zone",
    """right/America/Los_Angeles posix/UTC localtime Factory posixrules Etc/Unknown US/Pacific-New
    GMT+05:30 america/new_york ../etc/passwd Mars/Base""".split(),
)
def test_a_zone_that_phones_do_not_have_is_refused(zone: str) -> None:
    for name in (zone, f"UTC{chr(10)}"):
        with pytest.raises(serializers.ValidationError):
            TimeZone().run_validation(name)


@pytest.mark.parametrize("zone", ["America/Los_Angeles", "US/Pacific", "Etc/GMT+5", "UTC"])
def test_a_zone_that_phones_have_is_taken(zone: str) -> None:
    assert TimeZone().run_validation(zone) == zone


def test_every_zone_that_is_taken_can_be_computed_with() -> None:
    assert len(time_zones.names()) > 500
    for name in time_zones.names():
        ZoneInfo(name)


def test_an_address_is_kept_as_written_but_for_blanks_around_it() -> None:
    assert MailAddress().run_validation(" Ana@bücher.example\n") == "Ana@bücher.example"
    with pytest.raises(serializers.ValidationError, match="before the @"):
        MailAddress().run_validation("añá@example.org")
