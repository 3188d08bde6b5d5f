"""Letters have constant text, are sealed until sent and erased afterwards."""

from __future__ import annotations

import asyncio
import email
import socketserver
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import psycopg
import pytest
from django.db import connection, transaction
from psycopg_pool import AsyncConnectionPool
from pytest_django import Settings
from structlog.testing import capture_logs

from notifications import queue
from notifications.models import Letter
from notifications.pump.store import LEASE
from notifications.transports.answers import Means, Verdict
from notifications.transports.credentials import Misconfigured
from notifications.transports.email import DELIVERY_SECONDS, Mailer, mailer
from recovery.feed.context import set_actor
from recovery.signin.models import User
from tests.cast import make_user
from tests.notifications.kinds import CODE
from tests.notifications.running import as_pump, let_leases_end, pump_mail
from tests.notifications.sending import TO, write
from tests.servers import owner_url
from tools.local.data_directory import free_port


@pytest.fixture
def ana(committed_db: None) -> User:
    return make_user()


@pytest.fixture
def folder(tmp_path: Path, settings: Settings) -> Path:
    settings.EMAIL_URL, settings.MAIL_FOLDER = "", str(tmp_path / "mail")
    settings.EMAIL_SENDER = "App <hello@example.net>"
    return tmp_path / "mail"


def ledger(user: User) -> Letter:
    with transaction.atomic():
        set_actor(user.id)
        return Letter.objects.get(scope_id=user.id)


def read(folder: Path) -> list[EmailMessage]:
    return [
        email.message_from_bytes(path.read_bytes(), policy=default)
        for path in sorted(folder.iterdir())
    ]


@pytest.mark.parametrize(
    ("locale", "subject", "words"),
    [
        ("en", "Your code", "Your code is K7QP-2MNX"),
        ("es-MX", "Tu código", "Tu código es K7QP-2MNX"),
        ("fr", "Your code", "Your code is K7QP-2MNX"),
    ],
)
def test_a_code_arrives_in_the_readers_language(
    ana: User, folder: Path, locale: str, subject: str, words: str
) -> None:
    write(ana, CODE, context={"code": "K7QP-2MNX"}, locale=locale)
    pump_mail(mailer())
    [letter] = read(folder)
    assert (letter["To"], letter["From"]) == (TO, "App <hello@example.net>")
    assert letter["Subject"] == subject
    assert letter.get_content().startswith(words)


def test_a_sent_letter_is_erased(ana: User, folder: Path) -> None:
    write(ana)
    assert len(bytes(ledger(ana).sealed)) > 50
    pump_mail(mailer())
    row = ledger(ana)
    assert (row.state, row.attempts, bytes(row.sealed)) == ("sent", 1, b"")
    pump_mail(mailer())
    assert len(read(folder)) == 1


def test_a_letter_without_a_code_is_the_same_for_everybody(ana: User, folder: Path) -> None:
    write(ana)
    write(ana, address="ben@example.org")
    pump_mail(mailer())
    one, other = read(folder)
    assert {one["To"], other["To"]} == {TO, "ben@example.org"}
    for letter in (one, other):
        for name in ("To", "Message-ID", "Date"):
            del letter[name]
    assert bytes(one) == bytes(other)


def test_one_key_is_one_letter(ana: User, folder: Path) -> None:
    for _ in range(2):
        write(ana, dedupe="welcome")
    pump_mail(mailer())
    assert len(read(folder)) == 1


def test_a_stale_letter_is_erased_unsent(ana: User, folder: Path) -> None:
    write(ana, CODE, context={"code": "1234"})

    async def work(pool: AsyncConnectionPool) -> None:
        async with pool.connection() as conn:
            await conn.execute("UPDATE notifications_letter SET expires = now()")

    as_pump(work)
    pump_mail(mailer())
    assert (ledger(ana).state, bytes(ledger(ana).sealed)) == ("expired", b"")
    assert read(folder) == []


@pytest.mark.parametrize("address", ["a@b.c\nBcc: everybody@example.org", "a@b.c\r\nX: y"])
def test_an_address_cannot_inject_a_header(ana: User, folder: Path, address: str) -> None:
    write(ana, address=address)
    pump_mail(mailer())
    assert (ledger(ana).state, ledger(ana).reason) == ("dead", "invalid_address")
    assert read(folder) == []


class Clerk(socketserver.StreamRequestHandler):
    """A mail server with scripted answers to the recipient or the log-in."""

    def handle(self) -> None:
        self.say("220 hello")
        while line := self.rfile.readline().decode().strip():
            verb = line.upper().split(" ")[0]
            if verb == "DATA":
                self.say("354 go on")
                while self.rfile.readline().strip() != b".":
                    pass
            self.say(self.server.answers.get(verb, "250 ok"))
            if verb == "QUIT":
                return

    def say(self, words: str) -> None:
        self.wfile.write(f"{words}\r\n".encode())


@contextmanager
def mail_server(settings: Settings, clerk: type[Clerk] = Clerk, **answers: str) -> Iterator[Mailer]:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), clerk) as server:
        server.daemon_threads = True
        server.answers = answers
        threading.Thread(target=server.serve_forever).start()
        settings.EMAIL_URL = f"smtp://127.0.0.1:{server.server_address[1]}"
        try:
            yield mailer()
        finally:
            server.shutdown()


@pytest.mark.parametrize(
    ("answers", "verdict"),
    [
        ({}, Verdict(Means.SENT)),
        ({"QUIT": "451 not yet"}, Verdict(Means.SENT)),
        ({"RCPT": "550 unknown"}, Verdict(Means.GONE, "smtp_550")),
        ({"RCPT": "451 later"}, Verdict(Means.TRY_LATER, "smtp_451")),
        ({"MAIL": "553 not you"}, Verdict(Means.OUR_FAULT, "smtp_553")),
        ({"DATA": "554 no"}, Verdict(Means.OUR_FAULT, "smtp_554")),
        ({"EHLO": "421 busy", "HELO": "421 busy"}, Verdict(Means.TRY_LATER, "smtp_421")),
    ],
)
def test_the_answers_of_a_mail_server(
    settings: Settings, answers: dict[str, str], verdict: Verdict
) -> None:
    with mail_server(settings, **answers) as post:
        assert asyncio.run(post.send(a_letter())) == verdict


def a_letter() -> EmailMessage:
    letter = EmailMessage()
    letter["From"], letter["To"] = "hello@example.net", TO
    letter.set_content("Please open your app.\n")
    return letter


class Sluggard(Clerk):
    """Answers one byte at a time, each before the time for a step is over, and never ends."""

    def say(self, words: str) -> None:
        with suppress(OSError):
            while True:
                self.wfile.write(b"2")
                time.sleep(0.05)


def test_a_delivery_ends_though_each_step_is_in_time(settings: Settings) -> None:
    """Its thread too: `asyncio.run` waits for it."""
    with mail_server(settings, Sluggard):
        verdict = asyncio.run(mailer(limit=0.2).send(a_letter()))
    assert verdict == Verdict(Means.TRY_LATER, "timeout")


def test_a_delivery_ends_before_the_pumps_lease() -> None:
    assert timedelta(seconds=DELIVERY_SECONDS) < LEASE


@pytest.mark.parametrize("address", ["añá@example.org", "ana@exa mple.org", "ana"])
def test_an_address_that_cannot_be_is_given_up_at_once(
    ana: User, folder: Path, address: str
) -> None:
    write(ana, address=address, dedupe="invitation")
    assert states(ana) == {"invitation": "waiting"}
    pump_mail(mailer())
    assert (ledger(ana).attempts, ledger(ana).reason) == (1, "invalid_address")
    assert states(ana) == {"invitation": "undeliverable"}


def test_an_address_is_sent_in_ascii(ana: User, folder: Path) -> None:
    write(ana, address="ana@bücher.example", dedupe="invitation")
    pump_mail(mailer())
    [path] = folder.iterdir()
    assert b"To: ana@xn--bcher-kva.example" in path.read_bytes()
    assert states(ana) == {"invitation": "sent"}


def test_an_address_that_its_server_refuses_is_undeliverable(ana: User, settings: Settings) -> None:
    write(ana, dedupe="invitation")
    with mail_server(settings, RCPT="550 unknown") as post:
        pump_mail(post)
    assert (ledger(ana).state, ledger(ana).reason) == ("dead", "smtp_550")
    assert states(ana) == {"invitation": "undeliverable"}


def test_a_server_that_refuses_for_now_is_tried_again(ana: User, settings: Settings) -> None:
    write(ana, dedupe="invitation")
    with mail_server(settings, RCPT="451 later") as post:
        pump_mail(post)
    assert states(ana) == {"invitation": "waiting"}


def states(user: User) -> dict[str, str]:
    with transaction.atomic():
        set_actor(user.id)
        return queue.email_states(user.id, ["invitation", "another"])


def test_an_unreachable_mail_server(settings: Settings) -> None:
    settings.EMAIL_URL = f"smtp://127.0.0.1:{free_port()}"
    assert asyncio.run(mailer().send(a_letter())) == Verdict(Means.TRY_LATER, "unreachable")


def test_an_unreachable_mail_server_is_retried(ana: User, settings: Settings, folder: Path) -> None:
    write(ana)
    with mail_server(settings, RCPT="451 later") as post:
        pump_mail(post)
    row = ledger(ana)
    assert (row.state, row.attempts, row.reason) == ("planned", 1, "smtp_451")
    settings.EMAIL_URL = ""
    let_leases_end()
    pump_mail(mailer())
    assert len(read(folder)) == 1


def test_a_pause_that_cannot_be_shared_delays_no_results(ana: User, settings: Settings) -> None:
    write(ana)
    with (
        mail_server(settings, EHLO="250-hello\r\n250 AUTH PLAIN", AUTH="535 wrong"),
        psycopg.connect(owner_url(connection.settings_dict["NAME"]), autocommit=True) as owner,
    ):
        settings.EMAIL_URL = settings.EMAIL_URL.replace("//", "//user:password@")
        owner.execute("REVOKE INSERT ON notifications_pause FROM pump")
        try:
            pump_mail(mailer())
        finally:
            owner.execute("GRANT INSERT ON notifications_pause TO pump")
    assert (ledger(ana).state, ledger(ana).reason) == ("planned", "mail_credential_refused")


def test_a_wrong_password_stops_all_mail_and_alerts_an_operator(
    ana: User, settings: Settings, folder: Path
) -> None:
    write(ana)
    with mail_server(settings, EHLO="250-hello\r\n250 AUTH PLAIN", AUTH="535 wrong"):
        settings.EMAIL_URL = settings.EMAIL_URL.replace("//", "//user:password@")
        with capture_logs() as logs:
            pump_mail(mailer())
    row = ledger(ana)
    assert (row.state, row.attempts, row.reason) == ("planned", 0, "mail_credential_refused")
    assert [entry["event"] for entry in logs if entry["log_level"] == "critical"] == ["mail.paused"]
    settings.EMAIL_URL = ""
    let_leases_end()
    pump_mail(mailer())
    assert read(folder) == []


@pytest.mark.parametrize("url", ["", "http://example.org", "smtp://", "example.org:25"])
def test_a_missing_mail_configuration_is_reported_at_once(settings: Settings, url: str) -> None:
    settings.EMAIL_URL, settings.MAIL_FOLDER = url, ""
    with pytest.raises(Misconfigured, match="EMAIL_URL"):
        mailer()
