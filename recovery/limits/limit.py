"""What a limit is, and which views it applies to."""

from __future__ import annotations

import functools
import hashlib
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal, TypeVar

from django.conf import settings

WithoutValkey = Literal["postgres", "open"]
View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True)
class Limit:
    """At most `most` requests in each window of length `per`.

    `without_valkey`: count in PostgreSQL (credentials), or allow all.
    `is_traffic`: for signed-in users, so that load tests can raise it (TRAFFIC_FACTOR).
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
    """One request under a limit. `by`: what is counted, such as a device, a user or an address."""

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
    """The limits of one kind of signed-in request.

    The device's limit is counted first, so that a device over its limit uses up nothing of the
    account's, which the user's other devices share.
    """

    device: Limit
    account: Limit

    def uses(self, session_id: uuid.UUID, user_id: uuid.UUID) -> tuple[Use, Use]:
        return Use(self.device, str(session_id)), Use(self.account, str(user_id))


def traffic(
    name: str, device: int, account: int, per: timedelta, without_valkey: WithoutValkey = "open"
) -> Traffic:
    def limit(holder: str, most: int) -> Limit:
        return Limit(f"{name}.{holder}", most, per, without_valkey, is_traffic=True)

    return Traffic(limit("device", device), limit("account", account))


Limits = Traffic | tuple[Limit, ...]


def limited(limits: Limits) -> Callable[[View], View]:
    """Declare the limits of a view. `authenticate` counts Traffic. A view that needs no sign-in
    must call `consume` itself."""

    def mark(view: View) -> View:
        view.limits = limits  # type: ignore[attr-defined]
        return view

    return mark


def limits_of(view: Callable[..., Any]) -> Limits | None:
    """The limits of a Django or DRF view, or None if it declares none."""
    return getattr(getattr(view, "cls", view), "limits", None)
