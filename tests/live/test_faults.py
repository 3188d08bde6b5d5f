"""Slow readers, restarts, too much at once, a lost Valkey, a restored database."""

from __future__ import annotations

import signal
import socket as network
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import pytest
import redis
from uuid_utils.compat import uuid7
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection

from recovery.feed import announce
from recovery.feed.flush import Change, Entry
from recovery.live.app import recycle_at
from recovery.live.close_codes import CloseCode
from recovery.live.send_queue import MOST_BYTES, MOST_FRAMES, SendQueue
from recovery.live.socket import Identity, Socket
from tests.cast import open_group
from tests.databases import as_owner
from tests.live.phones import PATIENCE, LivePhone, change, closed_with, receive, receive_until
from tests.live.server import LiveServer, serving
from tools.local import data_directory, valkey

CHUNK, CHUNKS = 25, 40
KILOBYTES = "x" * 7000
FAR, HOUR = datetime(2030, 1, 1, tzinfo=UTC), timedelta(hours=1)


def message(group: object, seq: int, text: str = "") -> str:
    """A message as `announce` sends it: one document in a group of two members."""
    entry = Entry("group_message", uuid7(), seq, f'{{"text":"{text}"}}')
    committed = Change(group, f"group:{group}", seq - 1, seq, 1, [entry], for_all=True)
    return announce.message(committed, [])


@contextmanager
def stuck(phone: LivePhone, url: str) -> Iterator[ClientConnection]:
    """A phone with a tiny receive window that stops reading after hello."""
    narrow = network.socket()
    narrow.setsockopt(network.SOL_SOCKET, network.SO_RCVBUF, 4096)
    narrow.connect((urlsplit(url).hostname, urlsplit(url).port))
    with phone.listen(url, sock=narrow, max_queue=1) as line:
        yield line


def test_a_phone_that_does_not_read_is_closed_and_delays_no_one(live: LiveServer) -> None:
    assert code_for_a_slow_reader(live, waits=False) == 4429


def test_a_phone_that_does_not_read_the_close_is_cut_off(
    committed_db: None, tmp_path: Path
) -> None:
    with serving(tmp_path / "log", LIVE_LAST_WORDS="0.1") as live:
        assert code_for_a_slow_reader(live, waits=True) == 0


def code_for_a_slow_reader(live: LiveServer, *, waits: bool) -> int:
    """The close code that the phone reads later. The other phones miss nothing.

    `waits`: the phone reads only after the server has dropped the connection.
    """
    slow, quick = LivePhone(), LivePhone()
    group = open_group(slow.user, quick.user)
    channel = f"scope.{group}"
    with quick.listen(live.url, max_queue=None) as reading, stuck(slow, live.url) as line:
        for first in range(1, CHUNK * CHUNKS, CHUNK):
            seqs = range(first, first + CHUNK)
            announce.send([(channel, message(group, seq, KILOBYTES)) for seq in seqs])
            assert [receive(reading, "c")["to"] for _ in seqs] == list(seqs)
        if waits:
            wait_until_cut(live, line.local_address[1])
        code = closed_with(line)
        # The server keeps nothing for this phone, so it may reconnect at once.
        with slow.listen(live.url) as again:
            announce.send([(channel, message(group, 2000))])
            assert receive(again, "c")["to"] == receive(reading, "c")["to"] == 2000
        return code


def wait_until_cut(live: LiveServer, port: int) -> None:
    server = psutil.Process(live.process.pid)
    deadline = time.monotonic() + PATIENCE
    while any(c.raddr and c.raddr.port == port for c in server.net_connections("tcp")):
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.parametrize(
    ("frames", "size"), [(MOST_FRAMES, 10), (40, MOST_BYTES // 40), (1, MOST_BYTES)]
)
async def test_a_send_queue_is_bounded(frames: int, size: int) -> None:
    closed = []

    async def send(event: dict[str, object]) -> None:
        closed.append(event.get("code"))

    queue = SendQueue(send)
    for _ in range(frames):
        queue.put("x", size)
    before = queue.code
    queue.put("x", size)
    assert (before, queue.code) == (None, CloseCode.TOO_SLOW)
    queue.put("x", size)
    await queue.wait_closed()
    assert closed == [4429]


def test_a_full_process_accepts_no_one_and_a_restart_closes_every_socket(
    committed_db: None, tmp_path: Path
) -> None:
    *phones, late = (LivePhone() for _ in range(4))
    with serving(tmp_path / "log", LIVE_MAX_SOCKETS="4") as live:
        lines = [phone.listen(live.url) for phone in phones]
        waiting = phones[0].open_socket(live.url)
        with late.open_socket(live.url) as refused:
            assert closed_with(refused) == 1013
        lines.pop().close()
        lines.append(listen_eventually(late, live))
        live.process.send_signal(signal.SIGTERM)
        for line in lines:
            assert closed_with(line) == 1012
            assert line.protocol.close_rcvd is not None
            assert line.protocol.close_rcvd.reason == "restart"
        assert closed_with(waiting) == 1012


def test_sockets_are_recycled_with_a_jitter_of_a_tenth_of_an_hour() -> None:
    times = [recycle_at(FAR) - FAR for _ in range(100)]
    assert len(set(times)) == 100
    assert min(times) >= timedelta(minutes=54)
    assert max(times) <= timedelta(minutes=66)
    socket = Socket(
        Identity(uuid7(), uuid7(), uuid7(), True), SendQueue(unexpected), FAR + HOUR, FAR
    )
    assert socket.overdue(FAR - timedelta(seconds=1)) is None
    assert socket.overdue(FAR) == CloseCode.RESTART
    assert socket.overdue(FAR + HOUR) == CloseCode.REAUTHENTICATE


def test_phones_reconnect_later_when_the_database_cannot_answer(
    live: LiveServer, phone: LivePhone
) -> None:
    with phone.open_socket(live.url) as line:
        with as_owner().transaction():
            as_owner().execute("LOCK TABLE recovery_syncclient IN ACCESS EXCLUSIVE MODE")
            line.send(phone.hello())
            assert closed_with(line) == 1013
    with phone.listen(live.url):
        assert phone.heads


def test_handshakes_beyond_the_concurrent_limit_retry_later(
    committed_db: None, tmp_path: Path
) -> None:
    """The same phone gets in once a slot is free."""
    phone = LivePhone()
    with serving(tmp_path / "none", LIVE_ENTERING="0") as live:
        with phone.open_socket(live.url) as line:
            line.send(phone.hello())
            assert closed_with(line) == 1013
    with serving(tmp_path / "one", LIVE_ENTERING="1") as live:
        for _ in range(2):
            with phone.listen(live.url):
                assert phone.heads


def test_a_restored_database_makes_every_phone_pull(live: LiveServer, phone: LivePhone) -> None:
    with phone.listen(live.url) as line:
        before = phone.server_hello["epoch"]
        as_owner().execute("INSERT INTO recovery_syncepoch (id, counter) VALUES (1, 7)")
        assert closed_with(line) == 4410
    with phone.listen(live.url) as line:
        assert phone.server_hello["epoch"] != before
        # Restored here, because this is another change that the next test must not see.
        as_owner().execute("DELETE FROM recovery_syncepoch")
        assert closed_with(line) == 4410


def test_without_valkey_heartbeats_report_changes_and_its_return_requires_a_pull(
    committed_db: None, tmp_path: Path
) -> None:
    phone, other = LivePhone(), LivePhone()
    group = open_group(phone.user, other.user)
    with data_directory.temporary() as directory, ExitStack() as servers:
        with valkey.running(directory) as bus:
            live = servers.enter_context(serving(tmp_path / "log", VALKEY_URL=bus.url))
            line = phone.listen(live.url)
        change(group, phone.user)
        receive_until(line, "h", heads={f"group:{group}": 1})
        late = other.listen(live.url)
        assert other.heads[f"group:{group}"] == 1
        with LivePhone().open_socket(live.url, additional_headers={}) as hopeful:
            hopeful.send(other.hello(ticket="x" * 43))
            assert closed_with(hopeful) == 1013
        with valkey.running(directory) as bus, redis.Redis.from_url(bus.url) as publisher:
            for each in (line, late):
                assert receive_until(each, "resync")[-1]["why"] == "reconnected"
            publisher.publish(f"scope.{group}", message(group, 2))
            for each in (line, late):
                assert receive_until(each, "c")[-1]["to"] == 2


def test_an_unreadable_message_is_ignored(live: LiveServer, phone: LivePhone) -> None:
    group = open_group(phone.user)
    with phone.listen(live.url) as line:
        announce.send([(f"scope.{group}", "nonsense"), (f"scope.{group}", message(group, 1))])
        assert receive(line, "c")["to"] == 1


def test_a_phone_that_disconnects_without_a_close_is_forgotten(
    live: LiveServer, phone: LivePhone
) -> None:
    peer = LivePhone()
    group = open_group(phone.user, peer.user)
    with peer.listen(live.url) as line:
        phone.listen(live.url).socket.close()
        change(group, peer.user)
        assert receive(line, "c")["to"] == 1


def listen_eventually(phone: LivePhone, live: LiveServer) -> ClientConnection:
    """Retry, because the slot of a disconnected phone is freed a moment later."""
    for _ in range(100):
        with suppress(ConnectionClosed):
            return phone.listen(live.url)
    raise AssertionError("the slot was never freed")


async def unexpected(_event: dict[str, object]) -> None:
    raise AssertionError("nothing is sent here")
