"""Ana with the reference phone against the whole running stack. `ana` is a fixture."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.utils import timezone

from clients.phone import Phone
from recovery.practice.models import CheckIn
from recovery.signin.models import User
from tests.cast import ADMISSION, ANA, act, begin_memberships, employ, load_programme, sign_in
from tools.local.stack import Stack

BORN = ANA["date_of_birth"].isoformat()


@dataclass
class Ana:
    """A patient who has acknowledged the notice and holds an unused code."""

    user: User
    record: UUID
    code: str
    stack: Stack
    dana: User  # who admitted her

    def phone(self, path: Path | None = None, **more: Any) -> Phone:
        return Phone(self.stack.web, path, live=self.stack.live, overlays=OVERLAYS, **more)

    def signed_in(self, phone: Phone) -> None:
        """Another phone of Ana's, signed in with a mailed code."""
        key = phone.signin.device()["public_key"]
        install = phone.keystore.get("install")
        tokens = sign_in(self.user, now=timezone.now(), install=install, public_key=key)
        phone.session.begin(str(self.user.id), tokens)

    def check_in(self, **answers: Any) -> dict[str, Any]:
        today = timezone.now().date()
        id_ = CheckIn.id_of(self.record, today, "day")
        day = {"id": str(id_), "local_date": str(today), "slot": "day"}
        return {**day, "record": str(self.record), **answers}


def overlay_check_in(args: dict[str, Any]) -> tuple[str, str, str, dict[str, Any]]:
    return f"care:{args['record']}", "check_in", args["id"], {"mood": args["mood"]}


OVERLAYS = {"practice.record_check_in": overlay_check_in}


@pytest.fixture
def ana(stack: Stack) -> Iterator[Ana]:
    load_programme()
    dana = employ()
    outcome = act(dana, "care.admit_patient", now=timezone.now(), **ADMISSION)
    user = User.objects.get(id=outcome.data["user"])
    begin_memberships(user)
    return Ana(user, UUID(outcome.data["record"]), outcome.once["code"], stack, dana)


def moods(phone: Phone) -> list[tuple[int, bool]]:
    return [(d["mood"], d.pending) for d in phone.documents("check_in")]
