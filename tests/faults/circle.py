"""The people of one test, with what their phones know."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Any

from clients.phone import Phone
from tools.local.stack import Stack


@dataclass(frozen=True)
class Member:
    """A group member. `card` is their id in the group, `tokens` belong to one of their sessions."""

    group: str
    user: str
    card: str
    tokens: dict[str, str]

    @property
    def bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.tokens['access_token']}"}

    def phone(self, stack: Stack, **where: Any) -> Phone:
        """Their phone, still empty. `home` and `live` may point to a proxy."""
        home = where.pop("home", stack.web)
        phone = Phone(home, live=where.pop("live", stack.live), chance=Random(1), **where)
        phone.session.begin(self.user, self.tokens)
        return phone


@dataclass(frozen=True)
class Circle:
    group: str
    members: list[Member]
