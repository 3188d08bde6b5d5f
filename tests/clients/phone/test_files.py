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
from tests.factories.peers import Circle, act, make_circle
from tests.factories.people import sign_in
from tests.roles import as_role
from tools.local import data_directory, stack

PIECES = "/api/v1/blobs/pieces"
PIECE = 256 * 1024
PICTURE = samples.noise(30)
THREE = samples.jpeg(), samples.png(), samples.webp()


@dataclass
class World:
    """The group, and where its phones reach the server."""

    circle: Circle
    web: str

    def phone(self, user: User, path: Path | None = None) -> Phone:
        phone = Phone(self.web, path, chance=Random(1))
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
def world(committed_db: None) -> Iterator[World]:
    with (
        data_directory.temporary() as held,
        stack.running(held, environ=os.environ, names=("web",), migrate=False, data=False) as house,
    ):
        yield World(make_circle(), house.web)


def files_of(phone: Phone, table: str) -> int:
    return len(phone.store.all(f"SELECT * FROM {table}"))  # noqa: S608


def hash_of(message: Document) -> str:
    return str(message["attachments"][0]["sha256"])


def pieces(phone: Phone) -> int:
    return phone.network.requests.count(PIECES)


async def on_the_server(do: Callable[..., Any], *arguments: Any) -> None:
    """Something that happens there meanwhile."""

    def run() -> None:
        do(*arguments)
        connection.close()

    await asyncio.to_thread(run)


async def die_in_the_middle(phone: Phone) -> None:
    """The app ends once a second piece has left."""
    syncing = asyncio.create_task(phone.sync())
    while pieces(phone) < 2:  # noqa: ASYNC110  # nothing tells
        await asyncio.sleep(0)
    syncing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await syncing


def test_a_picture_goes_on_where_it_stopped(world: World, tmp_path: Path) -> None:
    """Chosen offline; a lost answer; the app ends in the middle; sent by the next start."""
    path = tmp_path / "ash.db"

    async def choose_and_die(ash: Phone) -> str:
        async with ash:
            await ash.offline()
            words = world.say(ash, PICTURE)
            with pytest.raises(Offline):
                await ash.sync()
            ash.online()
            ash.lose_next_answer(PIECES)
            await die_in_the_middle(ash)
            assert ash.state(words) == "saved here"
            return words

    async def go_on(ash: Phone, words: str) -> None:
        async with ash:
            await ash.sync()
            assert ash.state(words) == "sent"
            assert pieces(ash) == len(PICTURE) // PIECE, "all but the first"

    words = asyncio.run(choose_and_die(world.phone(world.circle.ash, path)))
    asyncio.run(go_on(world.phone(world.circle.ash, path), words))


def test_a_file_is_kept_as_long_as_something_shows_it(world: World) -> None:
    """Fetched once, checked, sealed; gone with its message and with its scope."""
    remove = {"card": world.circle.card(world.circle.birch)}

    async def read(ash: Phone, birch: Phone) -> list[Document]:
        for data in THREE:
            world.say(ash, data)
        await ash.sync()
        await birch.sync()
        shown = [await birch.file(m, hash_of(m)) for m in birch.documents("message")]
        asked = len(birch.network.requests)
        assert [await birch.file(m, hash_of(m)) for m in birch.documents("message")] == shown
        assert len(birch.network.requests) == asked, "from the phone"
        kept = [row["body"] for row in birch.store.all("SELECT body FROM file")]
        assert not any(data[:40] in body for data, body in zip(shown, kept, strict=True))
        return birch.documents("message")

    async def play(ash: Phone, birch: Phone) -> None:
        async with ash, birch:
            first, *_, last = await read(ash, birch)
            ash.do("groups.withdraw_message", {"message": first.id})
            await ash.sync()
            await birch.sync()
            assert files_of(birch, "file") == 2
            await on_the_server(act, world.circle.dana, "groups.remove_member", remove)
            with birch.store.transaction():
                birch.store.run("DELETE FROM file WHERE id = ?", last.id)
            with pytest.raises(Problem) as refusal:
                await birch.file(last, hash_of(last))
            assert (refusal.value.status, files_of(birch, "file")) == (404, 1)
            await birch.sync()
            assert (birch.documents("message"), files_of(birch, "file")) == ([], 0)

    asyncio.run(play(world.phone(world.circle.ash), world.phone(world.circle.birch)))


def test_what_the_server_let_go_of_is_sent_again_and_what_it_refuses_is_set_aside(
    world: World,
) -> None:
    async def play(ash: Phone) -> None:
        async with ash:
            await ash.sync()
            first = world.say(ash, samples.jpeg())
            await ash.syncing.file_transfer.send_next("main")
            await on_the_server(forget_everything)
            page = world.say(ash, b"<html>" * 99)
            last = world.say(ash, text="and only words")
            await ash.sync()
            states = [ash.state(uuid) for uuid in (first, page, last)]
            assert states == ["sent", "needs you", "sent"]
            assert (ash.mutation(page).result or {})["code"] == "not_understood"
            assert files_of(ash, "outgoing") == 2
            ash.dismiss(page)
            assert files_of(ash, "outgoing") == 1
            assert len(ash.documents("message")) == 2

    asyncio.run(play(world.phone(world.circle.ash)))


def forget_everything() -> None:
    """As the hourly job does after a day."""
    with as_role("jobs"):
        Upload.objects.all().delete()
        Blob.objects.all().delete()
