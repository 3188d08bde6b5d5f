"""Log lines, from an exception to its JSON."""

from __future__ import annotations

import json
import logging
import logging.config
import secrets
import sys
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import Error, connection, transaction
from django.test import Client

from tools.local.postgres import ROLES

REFUSE = """
DO $$ BEGIN
    RAISE check_violation USING MESSAGE = 'refused', DETAIL = E'Failing row: {}\\n\\n{}';
END $$
"""


def log_text(message: str) -> str:
    """The line that `log.exception` writes about the exception being handled."""
    configurator = logging.config.DictConfigurator(dict(settings.LOGGING))
    formatter = configurator.configure_formatter(dict(settings.LOGGING["formatters"]["json"]))
    exc_info = sys.exc_info()
    record = logging.LogRecord("django.request", logging.ERROR, "", 1, message, (), exc_info)
    return str(formatter.format(record))


def log_line() -> dict[str, Any]:
    line: dict[str, Any] = json.loads(log_text("failed"))
    return line


def test_a_line_has_the_schema_and_its_time_is_utc() -> None:
    line = log_line()
    assert {"event", "level", "logger", "at"} <= line.keys()
    assert datetime.fromisoformat(line["at"]).utcoffset() == timedelta(0)
    assert (line["level"], line["logger"]) == ("error", "django.request")


def test_a_value_makes_no_line_of_its_own() -> None:
    forged = 'one\r\n{"event": "forged"}\u2028\x1b[31m'
    text = log_text(forged)
    assert text.isascii()
    assert text.isprintable()
    assert json.loads(text)["event"] == forged


@pytest.mark.django_db
def test_values_quoted_by_the_database_are_not_logged() -> None:
    # Random, so that no path in the traceback contains them.
    words = secrets.token_hex(8), secrets.token_hex(8)
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(REFUSE.format(*words))
    except Error:
        line = log_line()
    assert line["event"] == "failed"
    assert line["exception"].count("refused\nDETAIL: not logged") == 2
    assert not any(word in line["exception"] for word in words)
    assert "The above exception was the direct cause" in line["exception"]


def test_a_line_never_shows_a_token_or_an_address() -> None:
    token, address = "hra_" + secrets.token_urlsafe(32), "ana.reyes+iop@mail.example.org"
    try:
        int(f"for {address}, sent with {token}")
    except ValueError:
        line = log_line()
    assert token not in str(line)
    assert address not in str(line)
    assert "for (not logged), sent with (not logged)" in line["exception"]


def test_a_request_for_another_host_leaves_no_line(caplog: pytest.LogCaptureFixture) -> None:
    assert Client().get("/healthz", headers={"host": "elsewhere.example"}).status_code == 400
    assert caplog.records == []


@pytest.mark.django_db
def test_postgresql_logs_no_rows_and_no_parameters() -> None:
    for name, value in (
        ("log_error_verbosity", "terse"),
        ("log_parameter_max_length_on_error", "0"),
    ):
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_setting(%s)", [name])
            assert cursor.fetchone() == (value,)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT setrole::regrole::text FROM pg_db_role_setting"
            " WHERE 'log_error_verbosity=terse' = ANY (setconfig)"
        )
        assert {role for (role,) in cursor.fetchall()} == {*ROLES}


@pytest.mark.parametrize(
    ("name", "speaks"),
    [
        ("recovery.signin.ceremony.trail", True),
        ("notifications.pump.loop", True),
        # At INFO: the id of each passkey, each poll, each request.
        ("fido2.server", False),
        ("allauth.account.stages", False),
        ("procrastinate.worker", False),
        ("aiohttp.access", False),
        ("any.other.library", False),
    ],
)
def test_only_our_own_packages_log_what_is_no_warning(name: str, speaks: bool) -> None:
    assert logging.getLogger(name).isEnabledFor(logging.INFO) is speaks
