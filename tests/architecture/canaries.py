"""Watches every log line and every URL of the suite, and what the processes that it starts write:
none may contain a token, a code, an address, a name, a date of birth or someone's own words.

Tokens, codes and addresses are known by their form. Names and words are those of the cast, which
are written nowhere else.
"""

from __future__ import annotations

import logging
import logging.config
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import unquote_plus

from django.conf import settings
from django.core.signals import request_started

from tests.cast import ANA, WORDS

FORMS = {
    "a token": re.compile(r"\bhr[ar]_[\w-]{8,}"),
    # Not within a UUID, whose middle may be three such groups.
    "a code of an invitation": re.compile(r"(?<![\w-])(?:[0-9A-Z]{4}-){2}[0-9A-Z]{4}(?![\w-])"),
    "an address": re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+"),
    "a name": re.compile(rf"\b{ANA['family_name']}\b"),
    "a date of birth": re.compile(re.escape(ANA["date_of_birth"].isoformat())),
    "someone's words": re.compile(re.escape(WORDS)),
}


def found_in(text: str) -> set[str]:
    """What `text` should not contain."""
    return {what for what, form in FORMS.items() if form.search(text)}


def check_output(log: Path, written: int = 0) -> None:
    """Raises AssertionError if a line that a process has written has something of a person, after
    the first `written` bytes."""
    output = log.read_bytes()
    new = output[written:] if len(output) >= written else output  # it was started again
    for line in new.decode(errors="replace").splitlines():
        assert not found_in(line), f"{found_in(line)} in {log.name}: {line}"


class Lines(logging.Handler):
    """Keeps each line as production writes it."""

    def __init__(self) -> None:
        super().__init__()
        form = dict(settings.LOGGING["formatters"]["json"])  # of which it takes members out
        configurator = logging.config.DictConfigurator(dict(settings.LOGGING))
        self.setFormatter(configurator.configure_formatter(form))
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@contextmanager
def watch() -> Iterator[None]:
    """A context at whose end a line or a URL with something of a person raises AssertionError."""
    handler, urls = Lines(), []

    def note(environ: dict[str, Any] | None = None, **_: Any) -> None:
        if environ:
            urls.append(f"{environ.get('PATH_INFO', '')}?{environ.get('QUERY_STRING', '')}")

    request_started.connect(note, weak=False, dispatch_uid="canaries")
    logging.getLogger().addHandler(handler)
    try:
        yield
    finally:
        logging.getLogger().removeHandler(handler)
        request_started.disconnect(dispatch_uid="canaries")
    for kind, texts in (("log line", handler.lines), ("URL", map(unquote_plus, urls))):
        for text in texts:
            assert not found_in(text), f"{found_in(text)} in a {kind}: {text}"
