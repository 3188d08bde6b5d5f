"""Everything that the console says is there in Spanish, and what is compiled is what is written."""

from __future__ import annotations

from tools.messages.catalog import COMPILED, compiled, extracted, stored, untranslated


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
