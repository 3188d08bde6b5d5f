"""Everything that the console says is there in Spanish, and what is compiled is what is written."""

from __future__ import annotations

import ast
from pathlib import Path

from tools.docs.refusals import refusals
from tools.messages.catalog import CODE, COMPILED, compiled, extracted, stored, untranslated


def test_every_text_of_the_console_is_translated() -> None:
    known = stored()
    missing = [m.id for m in extracted() if m.id and known.get(m.id, m.context) is None]
    assert missing == [], "run `make messages`, and translate what is new"
    assert untranslated(known) == []


def test_nothing_is_kept_that_nobody_says() -> None:
    spoken = extracted()
    kept = [m.id for m in stored() if m.id and spoken.get(m.id, m.context) is None]
    assert kept == [], "run `make messages`"


def test_the_compiled_catalogue_is_that_of_the_written_one() -> None:
    assert COMPILED.read_bytes() == compiled(stored()), "run `make messages`"


def test_placeholders_are_the_same_in_both_languages() -> None:
    for message in stored():
        if message.id:
            assert not list(message.check()), message.id


def test_a_refusal_can_be_translated_and_names_no_action() -> None:
    """Values are given beside the sentence: an f-string is another text each time."""

    def made_up(path: Path) -> list[int]:
        calls = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        return [
            node.lineno
            for node in calls
            if isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id == "Refused"
            and any(isinstance(part, ast.JoinedStr) for part in ast.walk(node.args[1]))
        ]

    assert {str(path): lines for path in CODE.rglob("*.py") if (lines := made_up(path))} == {}
    titles = [title for titles in refusals().values() for title in titles]
    assert [title for title in titles if "`" in title] == []
