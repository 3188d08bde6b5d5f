"""Ana with the reference phone against the whole running stack. `ana` is a fixture."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction
from django.utils import timezone
from uuid_utils.compat import uuid7

from clients.phone import Phone
from recovery.feed.context import set_actor
from recovery.practice.models import CheckIn
from recovery.signin.models import User
from tests.cast import ADMISSION, ANA, act, begin_memberships, employ, load_programme, sign_in
from tests.cast.groups import joining, signed
from tests.cast.programme import NORTHLIGHT
from tests.cast.texts import acknowledge, load_wordings
from tools.local.stack import Stack

BORN = ANA["date_of_birth"].isoformat()
GROUP = "Evening group"


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
def ana(stack: Stack) -> Ana:
    load_programme()
    return admitted(employ(), stack)


def admitted(dana: User, stack: Stack, **facts: Any) -> Ana:
    """Another patient of Dana's, or Ana."""
    outcome = act(dana, "care.admit_patient", now=timezone.now(), **ADMISSION | facts)
    user = User.objects.get(id=outcome.data["user"])
    begin_memberships(user)
    return Ana(user, UUID(outcome.data["record"]), outcome.once["code"], stack, dana)


def moods(phone: Phone) -> list[tuple[int, bool]]:
    return [(d["mood"], d.pending) for d in phone.documents("check_in")]


def confirm_notice(*patients: Ana) -> None:
    """What is signed is published, and they have confirmed the notice."""
    load_wordings()
    for each in patients:
        acknowledge(each.user)


def make_group(ana: Ana) -> UUID:
    """Dana's new group. Nobody else is in it."""
    group = uuid7()
    facts = {"id": group, "programme": NORTHLIGHT, "name": GROUP, "alias": "Dana"}
    act(ana.dana, "groups.create", now=timezone.now(), **facts)
    return group


def invite(ana: Ana, group: UUID) -> str:
    """Returns the invitation's id. The notice must be confirmed."""
    facts = {"group": group, "record": ana.record}
    invited = act(ana.dana, "groups.invite_member", now=timezone.now(), **facts)
    return str(invited.data["group_invitation"])


def join_group(ana: Ana, group: UUID | None = None, alias: str = "Heron") -> UUID:
    """Ana joins Dana's new group, or this one."""
    group = group or make_group(ana)
    consent = signed(locale=ana.user.locale)
    facts = joining(invite(ana, group), alias, consent=consent)
    act(ana.user, "groups.join", now=timezone.now(), **facts)
    return group


def moods_sent(ana: Ana) -> list[int | None]:
    """What the server has of Ana's check-ins."""
    with transaction.atomic():
        set_actor(ana.user.id)
        return [each.mood for each in CheckIn.objects.in_scope(ana.record)]
