"""What tests/architecture/canaries.py looks for in the whole suite is found there."""

from __future__ import annotations

from pathlib import Path

import pytest
import structlog

from tests.architecture import canaries
from tests.cast import ANA, WORDS, FakePhone, make_user

PERSONAL = {
    "a code of an invitation": "7QMX-2RTA-9WPF",
    "a name": f"for Ana {ANA['family_name']}",
    "a date of birth": str(ANA["date_of_birth"]),
    "someone's words": WORDS,
}


@pytest.mark.without_canaries
@pytest.mark.parametrize("what", PERSONAL)
def test_a_line_with_a_token_or_a_persons_words_is_found(what: str) -> None:
    with pytest.raises(AssertionError, match=what):
        with canaries.watch():
            structlog.get_logger("recovery").info("said", text=PERSONAL[what])


@pytest.mark.parametrize("text", [*PERSONAL.values(), "ana@example.org", "hra_" + "a" * 43])
def test_what_a_process_has_written_is_searched_too(tmp_path: Path, text: str) -> None:
    log = tmp_path / "web.log"
    log.write_text(f'{{"event": "started"}}\n{{"event": "said", "text": "{text}"}}\n')
    with pytest.raises(AssertionError, match="in web"):
        canaries.check_output(log)


@pytest.mark.without_canaries
@pytest.mark.django_db
@pytest.mark.parametrize("text", [*PERSONAL.values(), "ana@example.org", "hra_" + "a" * 43])
def test_a_url_with_a_token_or_a_person_is_found(text: str) -> None:
    caller = FakePhone(make_user())
    with pytest.raises(AssertionError, match="in a URL"):
        with canaries.watch():
            caller.http.get("/healthz", {"next": text})


def test_tokens_and_addresses_do_not_even_reach_a_line() -> None:
    """server/logs.py takes them out, so the watch has nothing to find."""
    with canaries.watch():
        structlog.get_logger("recovery").info("said", text="ana@example.org hra_" + "a" * 43)
