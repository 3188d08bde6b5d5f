"""A circle with free places, its messages, and the frames sent to its sockets."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from uuid_utils.compat import uuid7

from recovery.feed import announce
from tests.cast import Circle, act, make_circle, seq


def new_message(circle: Circle, text: str) -> dict[str, Any]:
    return {"id": str(uuid7()), "group": circle.group, "text": text}


def say(circle: Circle, user: Any, text: str) -> str:
    message = new_message(circle, text)
    act(user, "groups.post_message", **message)
    return str(message["id"])


def edit(circle: Circle, user: Any, message: str, text: str) -> None:
    base = {f"message/{message}": seq(circle.dana, circle.group, "message", message)}
    act(user, "groups.edit_message", base=base, message=message, text=text)


def open_circle() -> Circle:
    return make_circle(group={"size": {"min": 2, "max": 9}})


def frames_of(circle: Circle, run: Callable[[], Any]) -> list[dict[str, Any]]:
    """The frames that the group's sockets are sent while `run` runs."""
    with announce.valkey().pubsub() as subscription:
        subscription.subscribe(f"scope.{circle.group}")
        assert subscription.get_message(timeout=5)["type"] == "subscribe"
        run()
        frames = []
        while message := subscription.get_message(timeout=0.2):
            frames.append(json.loads(message["data"].decode().split(" ", 4)[4]))
        return frames
