"""What a page knows of the person who sits at the desk."""

from __future__ import annotations

import pytest

from recovery.console.desk import Desk
from recovery.console.pages.my_day import my_day
from tests.cast import ConsoleBrowser
from tests.console.tools import practice


def test_an_act_and_the_page_after_it_know_where_the_person_works(
    committed_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Real commits: an act runs outside a transaction, in which nobody can see anything."""

    def where(desk: Desk) -> str:
        return f"Here: {desk.programme.name if desk.programme else 'nowhere'}."

    monkeypatch.setitem(my_day.acts, "where", where)
    circle = practice()
    page = ConsoleBrowser(circle.dana).do("/", "where").content.decode()
    assert f"Here: {circle.programme.name}." in page
    assert f"Counselor, {circle.programme.name}" in page
