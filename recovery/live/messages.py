"""The messages of the socket. A test compares the names here with those of docs/asyncapi.yaml."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from foundation.bodies import loads
from recovery.live.close_codes import CloseCode, SocketClosed

PROTOCOL = "recovery.sync.v1"
TO_PHONE = ("hello", "c", "h", "scopes", "e", "resync", "token")
EPHEMERAL_KINDS = ("typing",)
# Only where people talk: other scopes have no one to show it to, or far too many.
EPHEMERAL_SCOPES = ("group", "pair")
EPHEMERAL_SECONDS = 6
LONGEST = 4096

SCOPES = '{"t":"scopes"}'
EMPTY_HEARTBEAT = '{"t":"h","heads":{}}'


@dataclass(frozen=True)
class Hello:
    client_id: uuid.UUID
    ticket: str | None


@dataclass(frozen=True)
class Token:
    """A fresh credential of the same session: an access token, or a browser's ticket."""

    token: str | None
    ticket: str | None


@dataclass(frozen=True)
class Ephemeral:
    scope: str
    kind: str


def parse(event: dict[str, Any]) -> Hello | Token | Ephemeral:
    """The message of an ASGI event. Ignores unknown fields; raises SocketClosed(BAD_MESSAGE)."""
    try:
        message = loads(event["text"][:LONGEST], mend=True)
        return PARSERS[message["t"]](message)
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError):
        raise SocketClosed(CloseCode.BAD_MESSAGE) from None


def hello(
    *, epoch: str, now: datetime, heartbeat: float, expires_in: float, heads: dict[str, int]
) -> str:
    """`heads`: scope name → seq of its last change."""
    return _text(
        t="hello",
        epoch=epoch,
        server_time=now.isoformat(),
        hb=heartbeat,
        token_expires_in=int(expires_in),
        heads=heads,
    )


def heartbeat(heads: dict[str, int]) -> str:
    return _text(t="h", heads=heads) if heads else EMPTY_HEARTBEAT


def resync(why: str) -> str:
    return _text(t="resync", why=why)


def token(expires_in: float) -> str:
    return _text(t="token", token_expires_in=int(expires_in))


def ephemeral(scope: str, kind: str, member: uuid.UUID) -> str:
    """`member` is uuid5(scope, user), the id on member cards, so that it reveals no user id."""
    return _text(t="e", s=scope, k=kind, d={"member": str(member)}, ttl=EPHEMERAL_SECONDS)


def _text(**fields: Any) -> str:
    return json.dumps(fields, separators=(",", ":"))


def _hello(message: dict[str, Any]) -> Hello:
    return Hello(uuid.UUID(message["client_id"]), _optional_text(message, "ticket"))


def _token(message: dict[str, Any]) -> Token:
    return Token(_optional_text(message, "token"), _optional_text(message, "ticket"))


def _ephemeral(message: dict[str, Any]) -> Ephemeral:
    kind = message["s"].partition(":")[0]
    if message["k"] not in EPHEMERAL_KINDS or kind not in EPHEMERAL_SCOPES:
        raise ValueError
    return Ephemeral(message["s"], message["k"])


def _optional_text(message: dict[str, Any], name: str) -> str | None:
    value = message.get(name)
    if value is not None and not isinstance(value, str):
        raise ValueError
    return value


PARSERS: dict[str, Callable[[dict[str, Any]], Hello | Token | Ephemeral]] = {
    "hello": _hello,
    "token": _token,
    "e": _ephemeral,
}
