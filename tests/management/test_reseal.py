"""SEALING_KEY is changed while people use the product, with the steps of docs/operations.md."""

from __future__ import annotations

import io
import re
import threading
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from allauth.mfa.models import Authenticator
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.utils import timezone

from foundation.sealing import is_current
from notifications import queue, registrations
from notifications.models import Letter, PushRegistration
from recovery.blobs import storage
from recovery.blobs.models import Upload
from recovery.blobs.rules import PIECE
from recovery.feed.context import set_actor
from recovery.management.commands import reseal
from recovery.signin.models import User
from recovery.signin.notification_types import SIGN_IN_CODE
from tests.blobs.people import Sender
from tests.blobs.samples import jpeg
from tests.cast import answer, make_circle, make_device, make_user, sign_in
from tests.roles import as_role
from tests.servers import owner_url
from tests.signin.authenticator import totp
from tests.signin.ceremony import App, mailed_code

ROOT = Path(__file__).parents[2]
PICTURE = jpeg()


@pytest.fixture
def old(committed_db: None, settings: Any, tmp_path: Path) -> Any:
    """The settings, with the key that is to go, and a folder for files."""
    options = {"OPTIONS": {"location": str(tmp_path / "blobs")}}
    settings.STORAGES = settings.STORAGES | {"blobs": settings.STORAGES["blobs"] | options}
    settings.SEALING_KEY = "old"
    return settings


class House:
    """One sealed value of each kind, of people who go on using the product."""

    def __init__(self) -> None:
        circle = make_circle()
        self.sender = Sender(circle.ana, f"group:{circle.group}")
        answer(self.sender.send(PICTURE))
        answer(self.sender.say(PICTURE))
        half = b"\xff" * (PIECE + 1)
        self.upload = answer(self.sender.declare(half))["upload"]
        answer(self.sender.piece(self.upload, 0, half[:PIECE]))
        self.ben, self.cleo = circle.ben, circle.cleo
        make_device(self.ben, "handed over")
        self.gus = make_user("gus@example.org")
        self.secret = with_authenticator(self.gus)
        hal, self.waiting = make_user("hal@example.org"), App()
        self.waiting.post("auth/code/request", email="hal@example.org")
        self.code = code_for(hal)

    def hand_over(self) -> None:
        """The phone goes from one person to the other and back."""
        for user in (self.cleo, self.ben):
            make_device(user, "handed over")

    def read(self) -> None:
        assert self.sender.read(PICTURE).status_code == 200

    def sign_in(self) -> None:
        app, email = App(), f"{uuid.uuid4()}@example.org"
        user = make_user(email)
        app.post("auth/code/request", email=email)
        assert app.finish("auth/code/confirm", code=code_for(user)).status_code == 200

    def opens(self) -> None:
        """Everything that was sealed at the beginning."""
        self.read()
        assert [*owners("handed over")] == [self.ben.id]
        assert self.waiting.finish("auth/code/confirm", code=self.code).status_code == 200
        factor = Authenticator.objects.get(user_id=self.gus.id, type="totp")
        assert factor.wrap().validate_code(totp(self.secret))
        with as_role("jobs"):
            upload = Upload.objects.get(id=self.upload)
            assert len(storage.pieces(upload_of(upload, PIECE))) == PIECE


def code_for(user: User) -> str:
    with transaction.atomic():
        return mailed_code(user.id)


def upload_of(upload: Upload, size: int) -> Upload:
    """The upload as if it ended after `size` bytes."""
    upload.size = size
    return upload


def with_authenticator(user: User) -> str:
    app = App(sign_in(user, now=timezone.now()))
    secret = app.ask("GET", "account/authenticators/totp").json()["meta"]["secret"]
    assert app.post("account/authenticators/totp", code=totp(secret)).status_code == 200
    return str(secret)


def owners(value: str) -> Iterator[uuid.UUID]:
    with as_role("jobs"):
        for row in PushRegistration.objects.all():
            if registrations.value_of(row) == value:
                yield row.scope_id


def run(*options: str) -> str:
    out = io.StringIO()
    with as_role("jobs"):
        call_command("reseal", *options, stdout=out)
    return out.getvalue()


@contextmanager
def repeating(*work: Callable[[], None]) -> Iterator[None]:
    """Do each of these over and over, in a thread of its own. What fails, fails here."""
    stopped = threading.Event()

    def repeat(do: Callable[[], None]) -> int:
        times = 0
        try:
            while not stopped.is_set():
                do()
                times += 1
        finally:
            connection.close()
        return times

    with ThreadPoolExecutor(len(work)) as threads:
        running: list[Future[int]] = [threads.submit(repeat, do) for do in work]
        try:
            yield
        finally:
            stopped.set()
        assert all(done.result() > 0 for done in running)


def test_a_rotation_under_load_leaves_nothing_shut(old: Any) -> None:
    house = House()
    with repeating(house.hand_over, house.read):
        for keys in ("old, new", "new, old"):
            old.SEALING_KEY = keys
            house.sign_in()
            house.hand_over()
            assert len([*owners("handed over")]) == 1
        while not done(run):
            pass
        old.SEALING_KEY = "new"
    house.opens()
    assert "files: 0 sealed again" in run()


def done(command: Callable[[], str]) -> bool:
    """Under load, a row may be in use in every pass: then the command says so, and is run again."""
    try:
        return "Everything is under the newest key" in command()
    except CommandError as error:
        if "in use, 0 that no key" not in str(error):
            raise
        return False


def test_without_it_the_old_key_cannot_go(old: Any) -> None:
    house = House()
    old.SEALING_KEY = "new"
    assert house.sender.read(PICTURE).status_code == 404
    assert house.waiting.finish("auth/code/confirm", code=house.code).status_code != 200
    with pytest.raises(CommandError, match="no key of SEALING_KEY opens"):
        run()
    # Nothing was changed: with the old key all of it is back.
    old.SEALING_KEY = "new, old"
    assert "Everything is under the newest key" in run()
    old.SEALING_KEY = "new"
    house.opens()


def test_what_is_in_use_is_left_and_the_next_run_continues_there(old: Any) -> None:
    devices = [make_device(make_user(), f"device {n}") for n in range(3)]
    old.SEALING_KEY = "new, old"
    name = connection.settings_dict["NAME"]
    with psycopg.connect(owner_url(name)) as other:
        other.execute(
            "SELECT FROM notifications_pushregistration WHERE id = %s FOR UPDATE", [devices[1].id]
        )
        with pytest.raises(CommandError, match="push registrations: 1 in use"):
            run()
    assert "push registrations: 1 sealed again" in run()
    assert "push registrations: 0 sealed again" in run()


def test_what_opens_no_more_is_counted_and_can_be_given_up(old: Any) -> None:
    make_device(make_user(), "lost")
    old.SEALING_KEY = "new"
    with pytest.raises(CommandError, match="push registrations: 0 in use, 1 that no key"):
        run()
    assert "Everything" in run("--despite-lost")


def test_an_e_mail_that_waits_is_sealed_again(old: Any) -> None:
    user = make_user()
    with transaction.atomic():
        set_actor(user.id)
        queue.email(
            SIGN_IN_CODE, address="a@example.org", scope_id=user.id, context={"code": "1234"}
        )
    old.SEALING_KEY = "new, old"
    assert "e-mails: 1 sealed again" in run()
    with as_role("jobs"):
        assert is_current(bytes(Letter.objects.get().sealed))


def test_only_the_role_that_sees_everything_may_run_it(old: Any) -> None:
    with pytest.raises(CommandError, match="DATABASE_ROLE=jobs"):
        call_command("reseal")


def test_every_place_that_seals_is_known() -> None:
    """A module that says where a sealed value is has a place in the command."""
    modules = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for folder in ("notifications", "recovery")
        for path in (ROOT / folder).rglob("*.py")
        if re.search(r"\bAssociatedData\(", path.read_text())
    }
    places = {module.__name__ for module in reseal.SEALED}
    assert modules == places
