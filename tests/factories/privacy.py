"""The notice and the consent forms as they ship, and people who have answered them."""

from __future__ import annotations

import copy
import functools
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings
from django.db import connection, transaction

from recovery.actions import SYSTEM, Call, perform
from recovery.feed import scopes
from recovery.feed.context import set_actor
from recovery.privacy.models import Notice, Wording
from recovery.signin.models import User
from tests.factories.people import NOW

NOTICE, FORM = "privacy.publish_notice", "privacy.publish_consent_form"


@functools.cache
def _read(name: str) -> dict[str, Any]:
    path: Path = settings.BASE_DIR / "content" / "texts" / f"{name}.yaml"
    content: dict[str, Any] = yaml.safe_load(path.read_text())
    return content


def shipped(name: str) -> dict[str, Any]:
    """The content of one of the files that ship, e.g. "notice.2026-02", to change freely."""
    return copy.deepcopy(_read(name))


def load_wordings() -> None:
    """Everything that is signed, in the libraries of both languages."""
    for action, name in (
        (NOTICE, "notice.2026-02"),
        (FORM, "consent.peer_group_visibility.2026-02"),
        (FORM, "consent.peer_pair_visibility.2026-02"),
    ):
        perform(action, data=shipped(name), call=Call(actor=SYSTEM, now=NOW))


def open_library(user: User, locale: str = "en") -> None:
    """Let the person read the library of a language."""
    name = f"library:{locale}"
    with transaction.atomic(), connection.cursor() as cursor:
        set_actor(user.id)
        cursor.execute("SELECT join_library(%s, %s, %s)", [scopes.scope_id(name), name, user.id])


def notice_id(version: str = "2026-02", locale: str = "en") -> str:
    return str(Notice.id_of("part2_notice", version, locale))


def form_id(kind: str, version: str = "2026-02", locale: str = "en") -> str:
    return str(Wording.id_of(kind, version, locale))


def acknowledge(user: User) -> None:
    """The person confirms the notice."""
    data = {"notice": notice_id(), "signed_name": "Robin Vale"}
    perform("privacy.acknowledge_notice", data=data, call=Call(actor=user, now=NOW))
