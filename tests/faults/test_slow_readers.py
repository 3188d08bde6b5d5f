"""Phones that stop reading delay no one else and cost little memory."""

from __future__ import annotations

import asyncio
import json
import socket
from contextlib import AsyncExitStack
from urllib.parse import urlsplit

import psutil
import pytest
from redis.asyncio import Redis
from uuid_utils.compat import uuid7
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from clients.phone.network import SUBPROTOCOL
from tests.faults.circle import Circle, Member
from tests.faults.listener import listen
from tests.faults.report import finding
from tests.faults.stacks import make_circle, query, started
from tests.faults.writer import Writer
from tools.local.stack import Stack

pytestmark = pytest.mark.soak
STUCK, READING = 40, 10
FRAMES, KILOBYTES = 800, "x" * 7000
# 256 KB wait in a send queue and as much in the server's own buffers.
MOST_EACH = 1024 * 1024
SCOPE = "SELECT seq, acl FROM recovery_scope WHERE id = %s"


async def stuck(stack: Stack, member: Member, client_id: str) -> ClientConnection:
    """A phone with a tiny receive window that reads nothing after its hello."""
    narrow = socket.socket()
    narrow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    narrow.connect(("127.0.0.1", urlsplit(stack.live).port))
    narrow.setblocking(False)
    line = await connect(
        stack.live,
        sock=narrow,
        additional_headers=member.bearer,
        subprotocols=[Subprotocol(SUBPROTOCOL)],
        max_queue=1,
        ping_interval=None,
    )
    await line.send(json.dumps({"t": "hello", "client_id": client_id}))
    await line.recv()
    return line


async def clients(stack: Stack, circle: Circle, count: int) -> list[tuple[Member, str]]:
    """Register `count` phones of the same few patients. Staff get frames without documents."""
    _, *patients = circle.members
    phones = []
    for number in range(count):
        writer = Writer(patients[number % len(patients)], lambda: stack.web)
        await writer.register()
        await writer.close()
        phones.append((writer.member, writer.client_id))
    return phones


async def announce(stack: Stack, circle: Circle, number: int, acl: int) -> None:
    """Publish one change of the group on its channel, as web does."""
    frame = {
        "t": "c",
        "s": f"group:{circle.group}",
        "from": number - 1,
        "to": number,
        "put": [["message", str(uuid7()), number, {"text": KILOBYTES}]],
        "del": [],
    }
    text = json.dumps(frame, separators=(",", ":"))
    async with Redis.from_url(stack.variables["VALKEY_URL"]) as valkey:
        await valkey.publish(f"scope.{circle.group}", f"c {acl} - 0 {text}")


async def test_phones_that_do_not_read_are_closed_and_delay_no_one(servers: Stack) -> None:
    circle = make_circle(servers, 3)
    scope = f"group:{circle.group}"
    with finding("slow readers") as record, started(servers, "web", "live") as stack:
        known = await clients(stack, circle, STUCK + READING)
        process = psutil.Process(stack.running["live"].pid)
        async with AsyncExitStack() as exits:
            listeners = [await listen(stack.live, *phone) for phone in known[:READING]]
            lines = [await stuck(stack, *phone) for phone in known[READING:]]
            for line in lines:
                exits.callback(line.transport.abort)
            before = process.memory_info().rss
            peak = before
            ((seq, acl),) = query(servers, SCOPE, circle.group)
            for number in range(seq + 1, seq + FRAMES + 1):
                await announce(stack, circle, number, acl)
                peak = max(peak, process.memory_info().rss)
                while any(
                    seq + len(listener.changes(scope)) < number - 20 for listener in listeners
                ):
                    await asyncio.sleep(0.01)
            whole = list(range(seq + 1, seq + FRAMES + 1))
            async with asyncio.timeout(60):
                while any(len(listener.changes(scope)) < FRAMES for listener in listeners):
                    await asyncio.sleep(0.05)
            codes = [await _code(line) for line in lines]
            broken = [f"closed with {code}" for code in codes if code not in (4429, 1006)]
            broken += [
                "a frame is missing" for listener in listeners if listener.changes(scope) != whole
            ]
            for listener in listeners:
                await listener.close()
        grown = peak - before
        broken += [f"{grown} bytes more"] if grown > STUCK * MOST_EACH else []
        record.count, record.violations = STUCK, len(broken)
        record.figures = {
            "closed with 4429": codes.count(4429),
            "cut off": codes.count(1006),
            "frames to the others": READING * FRAMES,
            "KB for each": round(grown / STUCK / 1024),
        }
    assert broken == []


async def _code(line: ClientConnection) -> int:
    """The close code, or 1006 if the socket was cut off before it read one."""
    async with asyncio.timeout(30):
        try:
            while True:
                await line.recv()
        except Exception:  # noqa: BLE001  # however it ended, the code says how
            return line.close_code or 1006
