"""Announcing a commit from a web thread, beside other ways to do it.

The reference is a bare PUBLISH of the same bytes, ready-made, on the client library's own pool,
with the same subscriber and no filter at all. It is the fairest, because every competent team
would send at least this; what we add is to build the frame, to decide which members may see it and
to survive a Valkey that is away.

Two ways through the channel layer are in docs/decisions/0001-live-hints-are-published-directly.md.
"""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import os
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import redis
from asgiref.sync import async_to_sync
from channels_redis.pubsub import RedisPubSubChannelLayer

from tools.bench import figures, processor
from tools.local import data_directory, valkey

THREADS, ROUNDS, SECONDS = 8, 5, 1.0
SCOPE = uuid.UUID("018f0000-0000-7000-8000-000000000001")
CHANNEL = f"scope.{SCOPE}"
DOCUMENT = json.dumps({"text": "x" * 180})
Send = Callable[[], object]


def run() -> Iterator[dict[str, Any]]:
    """Each of the ways in turn, in every round."""
    with (
        data_directory.temporary() as directory,
        valkey.running(directory) as server,
        _subscribed(server.url),
    ):
        announce, text = _announcing(server.url)
        client = redis.Redis.from_url(server.url)
        layer = RedisPubSubChannelLayer(hosts=[server.url])
        event = {"type": "frame", "text": text}
        group_send = async_to_sync(RedisPubSubChannelLayer(hosts=[server.url]).group_send)
        loop = asyncio.new_event_loop()
        threading.Thread(target=loop.run_forever, daemon=True).start()

        def in_the_loop() -> None:
            sending = layer.group_send(CHANNEL, event)
            asyncio.run_coroutine_threadsafe(sending, loop).result()

        ways: dict[str, Send] = {
            "announce": announce,
            "bare_publish": lambda: client.publish(CHANNEL, text),
            "group_send_in_one_loop": in_the_loop,
            "async_to_sync_group_send": lambda: group_send(CHANNEL, event),
        }
        rounds = [
            {name: _hammer(send, server) for name, send in ways.items()} for _ in range(ROUNDS)
        ]
    note = f"{THREADS} threads of one process, one subscriber, a message of {len(text)} bytes"
    ours = [each["announce"] | {"reference": each["bare_publish"]["rate"]} for each in rounds]
    medians = figures.medians(ours, reference="a bare PUBLISH of the same bytes")
    yield figures.line("hints", **medians, note=note)
    for name in list(ways)[1:]:
        yield figures.line(name, **figures.medians([each[name] for each in rounds]), note=note)


def _announcing(url: str) -> tuple[Send, str]:
    """What the product does after a commit, and the message that it sends."""
    os.environ["VALKEY_URL"] = url
    os.environ["DJANGO_SETTINGS_MODULE"] = "tools.checks.settings"
    import django

    django.setup()
    from recovery.feed import announce
    from recovery.feed.flush import Change, Entry

    entry, origin = Entry("message", SCOPE, 2, DOCUMENT), list[object]([SCOPE, 1])
    change = Change(SCOPE, f"group:{SCOPE}", 1, 2, 1, [entry], for_all=True)
    return lambda: announce.changes([change], set(), origin), announce.message(change, origin)


@contextmanager
def _subscribed(url: str) -> Iterator[None]:
    """Another process has subscribed, as a live process would, and reads all that comes."""
    subscribed = multiprocessing.Event()
    reader = multiprocessing.Process(target=_read_all, args=(url, subscribed), daemon=True)
    reader.start()
    assert subscribed.wait(10)
    yield
    reader.terminate()
    reader.join()


def _read_all(url: str, subscribed: Any) -> None:
    pubsub = redis.Redis.from_url(url).pubsub()
    pubsub.subscribe(CHANNEL, f"asgi__group__{CHANNEL}")
    for _ in pubsub.listen():
        subscribed.set()


def _hammer(send: Send, server: valkey.Server) -> dict[str, figures.Value]:
    """Send from all threads at once. The processor time is this process's and Valkey's."""
    send()
    millis: list[float] = []
    meter, own = processor.Meter({"valkey": server.process}), time.process_time()
    until = time.perf_counter() + SECONDS

    def work() -> None:
        while (sent_at := time.perf_counter()) < until:
            send()
            millis.append((time.perf_counter() - sent_at) * 1000)

    threads = [threading.Thread(target=work) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    used = meter.millis_each(len(millis))
    used["web"] = (time.process_time() - own) / len(millis) * 1000
    used["total"] += used["web"]
    return {"rate": len(millis) / SECONDS, **figures.percentiles(millis), "processor_ms": used}
