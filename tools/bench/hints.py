"""Announcing a change from a web thread: a pooled PUBLISH, and the channel layer's group_send.

These are the figures in docs/decisions/0001-live-hints-are-published-directly.md.
"""

from __future__ import annotations

import asyncio
import os
import threading
import time
from collections.abc import Callable
from statistics import quantiles
from typing import Any

import redis
from asgiref.sync import async_to_sync
from channels_redis.pubsub import RedisPubSubChannelLayer

from tools.local import data_directory, valkey

THREADS, SECONDS = 8, 3.0
CHANNEL = "scope.018f0000-0000-7000-8000-000000000001"
FRAME = (
    '{"t":"c","s":"group:g","from":1,"to":2,"put":[["message","m",2,{"text":"x"}]],"del":[]}' * 3
)


def run() -> dict[str, Any]:
    with data_directory.temporary() as directory, valkey.running(directory) as server:
        layer = RedisPubSubChannelLayer(hosts=[server.url])
        millis = _hammer(_direct(server.url))
        in_a_loop = len(_hammer(_through_a_loop(layer))) / SECONDS
        layers = len(_hammer(_through_the_layer(server.url))) / SECONDS
    cuts, rate = quantiles(millis, n=100), len(millis) / SECONDS
    return {
        "bench": "hints",
        "rate": round(rate),
        "reference": {"name": "async_to_sync(group_send)", "rate": round(layers)},
        "ratio": round(rate / layers, 1),
        "p50_ms": round(cuts[49], 2),
        "p99_ms": round(cuts[98], 2),
        "n": len(millis),
        "cores": os.cpu_count(),
        "note": f"announcements from {THREADS} threads of one process; group_send handed to"
        f" one event loop of its own: {round(in_a_loop)}",
    }


def _direct(url: str) -> Callable[[], object]:
    client = redis.Redis.from_url(url, socket_timeout=0.25)

    def publish() -> None:
        with client.pipeline(transaction=False) as pipe:
            pipe.publish(CHANNEL, FRAME)
            pipe.execute()

    return publish


def _through_the_layer(url: str) -> Callable[[], object]:
    send = async_to_sync(RedisPubSubChannelLayer(hosts=[url]).group_send)
    return lambda: send(CHANNEL, {"type": "frame", "text": FRAME})


def _through_a_loop(layer: RedisPubSubChannelLayer) -> Callable[[], object]:
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, daemon=True).start()

    def send() -> None:
        sent = layer.group_send(CHANNEL, {"type": "frame", "text": FRAME})
        asyncio.run_coroutine_threadsafe(sent, loop).result()

    return send


def _hammer(send: Callable[[], object]) -> list[float]:
    """Call `send` from all threads; return the milliseconds of every call."""
    send()
    millis: list[float] = []
    until = time.perf_counter() + SECONDS

    def work() -> None:
        while (called_at := time.perf_counter()) < until:
            send()
            millis.append((time.perf_counter() - called_at) * 1000)

    threads = [threading.Thread(target=work) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return millis
