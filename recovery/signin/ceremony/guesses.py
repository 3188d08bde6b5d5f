"""Attempts at an account's second factor."""

from __future__ import annotations

import uuid

from django.utils import timezone

from recovery.limits.consume import consume, give_back
from recovery.limits.limit import Use
from recovery.signin import allowances
from recovery.signin.ceremony.installs import is_known_install
from recovery.signin.models import User


class Guess:
    """One attempt, counted as wrong until it was right.

    A phone that has signed in to the account before is counted by itself, so that someone who can
    read the person's e-mail cannot use up the guesses of the person's own phone.
    """

    def __init__(
        self,
        user: User,
        where: tuple[str, ...],
        *,
        install: str = "",
        session: uuid.UUID | None = None,
    ) -> None:
        """`where`: the request's networks. `install` or `session`: the phone. Raises SlowDown."""
        is_known = session or (install and is_known_install(user.email or "", install))
        self._uses = _of_phone(user, session or install) if is_known else _of_stranger(user, where)
        consume(*self._uses, now=timezone.now())

    def was_right(self) -> None:
        give_back((use.key for use in self._uses), now=timezone.now())


def _of_phone(user: User, phone: object) -> list[Use]:
    limits = allowances.FACTOR_INSTALL, allowances.FACTOR_INSTALL_DAY
    return [Use(limit, f"{user.pk} {phone}") for limit in limits]


def _of_stranger(user: User, where: tuple[str, ...]) -> list[Use]:
    everywhere = Use(allowances.FACTOR_ACCOUNT, str(user.pk))
    return [*allowances.FACTOR_NETWORK.uses(where, str(user.pk)), everywhere]
