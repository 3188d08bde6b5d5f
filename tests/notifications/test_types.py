from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from notifications.types import (
    NotificationType,
    all_types,
    notification_type,
    require_registered,
)
from tests.notifications.kinds import HOUR, NEWS

PUSH: dict[str, Any] = {"push_class": "sync", "ttl": HOUR}


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
        ("tests.both", {"push_class": "sync", "mail": "code", "ttl": HOUR}),
        ("tests.neither", {"ttl": HOUR}),
        ("tests.loud", {"push_class": "loud", "ttl": HOUR}),
        ("tests.essay", {"mail": "essay", "ttl": HOUR}),
        ("tests.stale", {"push_class": "sync", "ttl": timedelta(0)}),
        ("tests.late", {"push_class": "sync", "ttl": HOUR, "jitter": HOUR}),
        ("tests.early", {"push_class": "sync", "ttl": HOUR, "jitter": -HOUR}),
        ("tests.calm", {"push_class": "urgent", "ttl": HOUR, "jitter": HOUR / 2}),
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
