"""Tickets authenticate browsers, which cannot set headers on a WebSocket.

A ticket is 256 random bits, valid once within 30 seconds. It stands for the access token with
which it was requested. Valkey holds only hashes.
"""

from __future__ import annotations

import base64
import hashlib
import secrets

import redis
from redis.asyncio import Redis

SECONDS = 30


def issue(valkey: redis.Redis, token_hash: bytes) -> str:
    """A new ticket for this access token. Raises RedisError while Valkey is away."""
    ticket = base64.urlsafe_b64encode(secrets.token_bytes(32)).rstrip(b"=").decode()
    valkey.set(_key(ticket), token_hash, ex=SECONDS)
    return ticket


async def redeem(valkey: Redis, ticket: str) -> bytes | None:
    """The access token's hash, or None if the ticket is used, expired or unknown."""
    token_hash = await valkey.getdel(_key(ticket))
    return token_hash if isinstance(token_hash, bytes) else None


def _key(ticket: str) -> str:
    return "ticket." + hashlib.sha256(ticket.encode()).hexdigest()
