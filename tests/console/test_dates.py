"""Days and times are written as each language writes them, on every page."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from django.template import engines
from django.utils import translation

from recovery.console.dates import SPANISH, written

RECOVERY = Path(__file__).parents[2] / "recovery"
TEMPLATES = RECOVERY / "templates" / "console"
USED = re.compile(r'\|date:"([^"]+)"')
LOADED = re.compile(r"{% load [a-z ]*\bconsole\b")
# One part, or the form of a field.
ALIKE = {"D", "D j", "Y", "Y-m-d", "Ymd", "g:i", "j", "l"}


def test_each_form_has_a_spanish_one() -> None:
    texts = [path.read_text(encoding="utf-8") for path in TEMPLATES.rglob("*.html")]
    used = {form for text in texts for form in USED.findall(text)}
    assert used - SPANISH.keys() - ALIKE == set()


def test_each_template_writes_dates_by_the_filter_of_the_console() -> None:
    paths = [path for path in TEMPLATES.rglob("*.html") if USED.search(path.read_text("utf-8"))]
    assert paths
    assert [path for path in paths if not LOADED.search(path.read_text("utf-8"))] == []


@pytest.mark.parametrize(
    ("locale", "words"),
    [
        ("en", "Thursday, March 5, 2:30 PM. Thu, Mar 5"),
        ("es", "Jueves, 5 de marzo, 2:30 p.m.. Jue 5 Mar"),
    ],
)
def test_the_parts_come_in_the_order_of_the_language(locale: str, words: str) -> None:
    moment = datetime(2026, 3, 5, 14, 30, tzinfo=UTC)
    page = '{% load console %}{{ at|date:"l, F j, g:i A" }}. {{ at|date:"D, M j" }}'
    with translation.override(locale):
        assert engines["django"].from_string(page).render({"at": moment}) == words


def test_no_date_is_written_as_nothing() -> None:
    assert [written(None, "F j"), written("", "F j")] == ["", ""]
    assert written(date(2026, 3, 5), "F j") == "March 5"
