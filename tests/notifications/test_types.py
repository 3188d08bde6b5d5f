from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

import recovery.catalog  # noqa: F401  # every domain's types
from notifications.transports.texts import TEXTS
from notifications.types import (
    NotificationType,
    all_types,
    notification_type,
    require_registered,
)
from tests.notifications.kinds import HOUR, NEWS

PUSH: dict[str, Any] = {"push_class": "sync", "quiet": "silent", "ttl": HOUR}
SHOWN: dict[str, Any] = {"push_class": "reminder", "ttl": HOUR}


def test_a_name_can_be_registered_once() -> None:
    before = all_types()
    with pytest.raises(ValueError, match="already"):
        notification_type("tests.news", **PUSH)
    assert all_types() == before


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("news", PUSH),
        ("tests.News", PUSH),
        ("tests.both", PUSH | {"mail": "code"}),
        ("tests.undecided", SHOWN),
        ("tests.mute", SHOWN | {"quiet": "silent"}),
        ("tests.unheard", SHOWN | {"quiet": "whenever"}),
        ("tests.rude", PUSH | {"quiet": "at_once"}),
        ("tests.sleepy", {"push_class": "urgent", "quiet": "morning", "ttl": HOUR}),
        ("tests.night_mail", {"mail": "code", "quiet": "morning", "ttl": HOUR}),
        ("tests.neither", {"ttl": HOUR}),
        ("tests.loud", PUSH | {"push_class": "loud"}),
        ("tests.essay", {"mail": "essay", "ttl": HOUR}),
        ("tests.stale", PUSH | {"ttl": timedelta(0)}),
        ("tests.late", PUSH | {"jitter": HOUR}),
        ("tests.early", PUSH | {"jitter": -HOUR}),
        (
            "tests.calm",
            {"push_class": "urgent", "quiet": "at_once", "ttl": HOUR, "jitter": HOUR / 2},
        ),
    ],
)
def test_invalid_options_are_refused(name: str, options: dict[str, Any]) -> None:
    before = all_types()
    with pytest.raises(ValueError, match=name):
        notification_type(name, **options)
    assert all_types() == before


def test_a_type_must_be_registered() -> None:
    look_alike = NotificationType("tests.news", "sync", None, HOUR, timedelta(0))
    unknown = NotificationType("tests.unknown", "sync", None, HOUR, timedelta(0))
    require_registered(NEWS)
    for made in (look_alike, unknown):
        with pytest.raises(ValueError, match="not a registered"):
            require_registered(made)


# What each push of the product does in quiet hours, written out a second time: a new type, or a
# change of one, is decided here too.
RULES = {
    "alumni.announcement": "silent",
    "alumni.message": "silent",
    "alumni.request": "silent",
    "care.correction_asked": "silent",
    "care.level_changed": "morning",
    "care.record_corrected": "silent",
    "care.session_changed": "morning",
    "care.session_reminder": "at_once",
    "groups.invitation": "silent",
    "groups.message": "silent",
    "groups.round": "silent",
    "people.device_alert": "at_once",
    "practice.assigned": "silent",
    "practice.reviewed": "silent",
}


def test_every_push_has_its_rule_for_quiet_hours() -> None:
    pushes = [kind for kind in all_types() if kind.push_class]
    ours = {kind.name: kind.quiet for kind in pushes if not kind.name.startswith("tests.")}
    assert ours == RULES


@pytest.mark.parametrize("mail", sorted(TEXTS))
def test_a_letter_is_in_both_languages_and_names_nothing(mail: str) -> None:
    texts = TEXTS[mail]
    assert set(texts) == {"en", "es"}
    for text in texts.values():
        filled_in = re.findall(r"{(\w*)}", text.subject + text.body)
        assert filled_in == (["code"] if mail == "code" else [])
        words = f"{text.subject} {text.body}".lower()
        for revealing in ("recover", "treatment", "clinic", "program", "patient", "tratamiento"):
            assert revealing not in words
