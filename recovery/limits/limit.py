"""What a limit is, whom it can bar, and which views it applies to.

A limit must never bar a person with a true credential because strangers have used it up. So every
limit says who can use it up, and one that strangers can use up is counted by their network. Where a
true credential exists, only failures are counted, and a phone that has signed in before has a count
of its own. What happens everywhere at once is an `Alarm`, which refuses nobody.

`docs/limits.md` lists all limits and what they leave to someone who guesses.
"""

from __future__ import annotations

import functools
import hashlib
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Literal, TypeVar

from django.conf import settings

# owner: a signed-in user or a phone that has signed in before, for themselves alone.
# holder: who holds a secret, for that secret alone: a code, a ceremony, the first of two factors.
# network: anyone, for their own network alone.
UsedUpBy = Literal["owner", "holder", "network"]
WithoutValkey = Literal["postgres", "open"]
View = TypeVar("View", bound=Callable[..., Any])
# How many /64 networks may use up their limit before the limit of their /48 is used up.
IN_WIDE = 16


@dataclass(frozen=True)
class Limit:
    """At most `most` requests in each window of length `per`.

    `without_valkey`: count in PostgreSQL (credentials), or allow all.
    `is_traffic`: for signed-in users, so that load tests can raise it (TRAFFIC_FACTOR).
    """

    name: str
    most: int
    per: timedelta
    used_up_by: UsedUpBy | None = None
    without_valkey: WithoutValkey = "postgres"
    is_traffic: bool = False

    @property
    def allowed(self) -> int:
        return round(self.most * settings.TRAFFIC_FACTOR) if self.is_traffic else self.most

    def uses(self, networks: Iterable[str], by: str = "") -> tuple[Use, ...]:
        """One request, counted in each of the client's networks (see `network.networks`)."""
        narrow, *wide = networks
        limits = (self, *(self._of_wide for _ in wide))
        return tuple(
            Use(limit, by, network) for limit, network in zip(limits, (narrow, *wide), strict=True)
        )

    @property
    def _of_wide(self) -> Limit:
        return replace(self, name=f"{self.name}.wide", most=self.most * IN_WIDE)


@dataclass(frozen=True)
class Use:
    """One request under a limit. `by`: what is counted, such as a device or a user. `network`:
    where it came from, for limits that strangers can use up."""

    limit: Limit
    by: str = ""
    network: str = ""

    @property
    def key(self) -> bytes:
        counted = " ".join(part for part in (self.network, self.by) if part)
        return f"limit.{self.limit.name}.{hashed(counted)}".encode()


@dataclass(frozen=True)
class Alarm:
    """Logged when more than `most` happen within `per`. Refuses nobody."""

    name: str
    most: int
    per: timedelta


def hashed(text: str) -> str:
    """A keyed hash, so that counters reveal neither addresses nor networks."""
    return hashlib.blake2b(
        text.encode(), key=_secret(settings.SECRET_KEY), digest_size=16
    ).hexdigest()


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
        return Limit(f"{name}.{holder}", most, per, "owner", without_valkey, is_traffic=True)

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
