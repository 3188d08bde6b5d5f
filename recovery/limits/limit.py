"""What may be tried how often, and which view is limited by what."""

from __future__ import annotations

import functools
import hashlib
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal, TypeVar

from django.conf import settings

WithoutValkey = Literal["postgres", "open", "closed"]
View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True)
class Limit:
    """At most `most` tries in each window of `per`.

    `without_valkey`: count in PostgreSQL (credentials), let all through, or let none through.
    `is_traffic`: of people who are signed in, so that a load test may raise it (TRAFFIC_FACTOR).
    """

    name: str
    most: int
    per: timedelta
    without_valkey: WithoutValkey = "postgres"
    is_traffic: bool = False

    @property
    def allowed(self) -> int:
        return round(self.most * settings.TRAFFIC_FACTOR) if self.is_traffic else self.most


@dataclass(frozen=True)
class Use:
    """One try under a limit, by whom or at what."""

    limit: Limit
    by: str = ""

    @property
    def key(self) -> bytes:
        hashed = hashlib.blake2b(self.by.encode(), key=_secret(settings.SECRET_KEY), digest_size=16)
        return f"limit.{self.limit.name}.{hashed.hexdigest()}".encode()


@functools.cache
def _secret(secret_key: str) -> bytes:
    return hashlib.sha256(f"limits {secret_key}".encode()).digest()


@dataclass(frozen=True)
class Traffic:
    """Signed-in requests of one kind. The device's limit comes first: what is refused there is
    not held against the person's other devices."""

    device: Limit
    account: Limit

    def uses(self, session_id: uuid.UUID, user_id: uuid.UUID) -> tuple[Use, Use]:
        """One request from this device of this person."""
        return Use(self.device, str(session_id)), Use(self.account, str(user_id))


def traffic(
    name: str, device: int, account: int, per: timedelta, without_valkey: WithoutValkey = "open"
) -> Traffic:
    def limit(whose: str, most: int) -> Limit:
        return Limit(f"{name}.{whose}", most, per, without_valkey, is_traffic=True)

    return Traffic(limit("device", device), limit("account", account))


Limits = Traffic | tuple[Limit, ...]


def limited(by: Limits) -> Callable[[View], View]:
    """Say what limits a view. Traffic is counted by `authenticate`; a view that strangers may ask
    counts its limits by itself."""

    def mark(view: View) -> View:
        view.limits = by  # type: ignore[attr-defined]
        return view

    return mark


def limits_of(view: Callable[..., Any]) -> Limits | None:
    """What limits this view of Django's or DRF's; None: nothing was said."""
    return getattr(getattr(view, "cls", view), "limits", None)
