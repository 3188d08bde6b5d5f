"""Files of the reference phone against the real web process."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from uuid_utils.compat import uuid7

from clients.phone import Phone
from clients.phone.cache import Document
from clients.phone.errors import Offline, Problem
from clients.phone.files import Outgoing
from recovery.blobs.models import Blob, Upload
from recovery.signin.models import User
from tests.blobs import samples
from tests.cast import Circle, act, make_circle, sign_in
from tests.roles import as_role
from tools.local import data_directory
from tools.local.stack import running

PIECES = "/api/v1/blobs/pieces"
PIECE = 256 * 1024
PICTURE = samples.noise(30)
THREE = samples.jpeg(), samples.png(), samples.webp()


@dataclass
class RunningWeb:
    """The group and the server's URL."""

    circle: Circle
    url: str

    def phone(self, user: User, path: Path | None = None) -> Phone:
        phone = Phone(self.url, path, chance=Random(1))
        if not phone.session.is_signed_in:
            key = phone.signin.device()["public_key"]
            install = phone.keystore.get("install")
            tokens = sign_in(user, now=timezone.now(), install=install, public_key=key)
            phone.session.begin(str(user.id), tokens)
        return phone

    def say(self, phone: Phone, *files: bytes, **more: Any) -> str:
        group = self.circle.group
        args = {"id": str(uuid7()), "group": str(group), "text": "look", **more}
        attached = [Outgoing(f"group:{group}", data) for data in files]
        return phone.do("groups.post_message", args, attach=attached)


@pytest.fixture
def web(committed_db: None) -> Iterator[RunningWeb]:
    with (
        data_directory.temporary() as directory,
        running(directory, environ=os.environ, names=("web",), migrate=False, data=False) as stack,
    ):
        yield RunningWeb(make_circle(), stack.web)


def files_of(phone: Phone, table: str) -> int:
    return len(phone.store.all(f"SELECT * FROM {table}"))  # noqa: S608


def hash_of(message: Document) -> str:
    return str(message["attachments"][0]["sha256"])


def pieces(phone: Phone) -> int:
    return phone.network.requests.count(PIECES)


async def on_the_server(do: Callable[[], Any]) -> None:
    """Run `do` on the server while the phone is in use."""

    def run() -> None:
        do()
        connection.close()

    await asyncio.to_thread(run)


async def die_in_the_middle(phone: Phone) -> None:
    """End the app once the second piece has been sent."""
    syncing = asyncio.create_task(phone.sync())
    while pieces(phone) < 2:  # noqa: ASYNC110  # no event to wait for
        await asyncio.sleep(0)
    syncing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await syncing


def test_an_upload_resumes_where_it_stopped(web: RunningWeb, tmp_path: Path) -> None:
    """Chosen offline, the picture survives a lost answer and the end of the app."""
    path = tmp_path / "ana.db"

    async def choose_and_die(ana: Phone) -> str:
        async with ana:
            await ana.offline()
            words = web.say(ana, PICTURE)
            with pytest.raises(Offline):
                await ana.sync()
            ana.online()
            ana.lose_next_answer(PIECES)
            await die_in_the_middle(ana)
            assert ana.state(words) == "saved here"
            return words

    async def go_on(ana: Phone, words: str) -> None:
        async with ana:
            await ana.sync()
            assert ana.state(words) == "sent"
            assert pieces(ana) == len(PICTURE) // PIECE, "all but the first"

    words = asyncio.run(choose_and_die(web.phone(web.circle.ana, path)))
    asyncio.run(go_on(web.phone(web.circle.ana, path), words))


def test_a_file_is_kept_while_a_document_shows_it(web: RunningWeb) -> None:
    """It is fetched once, verified and sealed. It is deleted with its message or its scope."""
    remove = {"card": web.circle.card(web.circle.ben)}

    async def read(ana: Phone, ben: Phone) -> list[Document]:
        for data in THREE:
            web.say(ana, data)
        await ana.sync()
        await ben.sync()
        shown = [await ben.file(m, hash_of(m)) for m in ben.documents("message")]
        requests = len(ben.network.requests)
        assert [await ben.file(m, hash_of(m)) for m in ben.documents("message")] == shown
        assert len(ben.network.requests) == requests, "from the phone"
        kept = [row["body"] for row in ben.store.all("SELECT body FROM file")]
        assert not any(data[:40] in body for data, body in zip(shown, kept, strict=True))
        return ben.documents("message")

    async def play(ana: Phone, ben: Phone) -> None:
        async with ana, ben:
            first, *_, last = await read(ana, ben)
            ana.do("groups.withdraw_message", {"message": first.id})
            await ana.sync()
            await ben.sync()
            assert files_of(ben, "file") == 2
            dana = web.circle.dana
            await on_the_server(lambda: act(dana, "groups.remove_member", **remove))
            with ben.store.transaction():
                ben.store.run("DELETE FROM file WHERE id = ?", last.id)
            with pytest.raises(Problem) as refusal:
                await ben.file(last, hash_of(last))
            assert (refusal.value.status, files_of(ben, "file")) == (404, 1)
            await ben.sync()
            assert (ben.documents("message"), files_of(ben, "file")) == ([], 0)

    asyncio.run(play(web.phone(web.circle.ana), web.phone(web.circle.ben)))


def test_collected_files_are_sent_again_and_refused_ones_set_aside(
    web: RunningWeb,
) -> None:
    async def play(ana: Phone) -> None:
        async with ana:
            await ana.sync()
            first = web.say(ana, samples.jpeg())
            await ana.syncing.file_transfer.send_next("main")
            await on_the_server(forget_everything)
            page = web.say(ana, b"<html>" * 99)
            last = web.say(ana, text="and only words")
            await ana.sync()
            states = [ana.state(uuid) for uuid in (first, page, last)]
            assert states == ["sent", "needs you", "sent"]
            assert (ana.mutation(page).result or {})["code"] == "not_understood"
            assert files_of(ana, "outgoing") == 2
            ana.dismiss(page)
            assert files_of(ana, "outgoing") == 1
            assert len(ana.documents("message")) == 2

    asyncio.run(play(web.phone(web.circle.ana)))


def forget_everything() -> None:
    """Collect all files, as the hourly job does after a day."""
    with as_role("jobs"):
        Upload.objects.all().delete()
        Blob.objects.all().delete()
