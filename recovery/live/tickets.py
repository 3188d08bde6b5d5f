"""How a browser, which cannot set headers on a socket, proves who it is.

A ticket is 256 random bits, good once and for 30 seconds, and stands for the access token with
which it was asked for. Valkey holds hashes only.
"""

from __future__ import annotations

import base64
import hashlib
import secrets

import redis
from redis.asyncio import Redis

SECONDS = 30


def issue(valkey: redis.Redis, token_hash: bytes) -> str:
    """A new ticket for the holder of this access token. RedisError: not now."""
    ticket = base64.urlsafe_b64encode(secrets.token_bytes(32)).rstrip(b"=").decode()
    valkey.set(_key(ticket), token_hash, ex=SECONDS)
    return ticket


async def redeem(valkey: Redis, ticket: str) -> bytes | None:
    """The access token's hash; None for a ticket that was used, is old or never was."""
    found = await valkey.getdel(_key(ticket))
    return found if isinstance(found, bytes) else None


def _key(ticket: str) -> str:
    return "ticket." + hashlib.sha256(ticket.encode()).hexdigest()
