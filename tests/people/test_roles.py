"""What each role may do. The table is written out here a second time: a change to
recovery/people/roles.py that changes a permission must be made in both."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import transaction
from uuid_utils.compat import uuid7

from recovery.actions import Call
from recovery.alumni.rules import coordinates_alumni, is_a_peer
from recovery.care.rules import access
from recovery.feed import scopes
from recovery.feed.collect import collecting
from recovery.feed.context import set_actor
from recovery.groups.rules import facilitates, is_member, leads_groups
from recovery.people import rules
from recovery.practice.rules.access import treats
from tests.cast import NOW, make_user
from tests.roles import set_scene

pytestmark = pytest.mark.django_db

MAY = {
    "counsellor": {
        "invite patients again",
        "admit patients",
        "care",
        "decide on care",
        "treat",
        "keep the timetable",
        "open groups",
    },
    "clinician": {
        "invite patients again",
        "admit patients",
        "care",
        "decide on care",
        "treat",
        "keep the timetable",
        "open groups",
    },
    "case_manager": {
        "invite patients again",
        "admit patients",
        "care",
        "keep the timetable",
        "open groups",
    },
    "alumni_coordinator": {
        "care",
        "keep the timetable",
        "open groups",
        "write to alumni",
    },
    "admin": {
        "manage staff",
        "manage the programme",
        "invite staff again",
        "invite patients again",
        "admit patients",
        "care",
        "decide on care",
        "keep the timetable",
        "open groups",
        "write to alumni",
    },
    "facilitator": {"keep the timetable", "moderate"},
    "member": {"leave the group", "ask a peer to connect"},
    "patient": set(),
    "alumnus": set(),
    "self": set(),
}


# One scope stands for all: the `staff:` scope of a programme, in which every row lives.
RULES: dict[str, tuple[Any, Callable[[uuid.UUID, uuid.UUID], dict[str, Any]]]] = {
    "manage staff": (rules.administers, lambda home, scope: {"programme": home}),
    "manage the programme": (access.administers_programme, lambda home, scope: programme(home)),
    "invite staff again": (
        rules.manages_invitation,
        lambda home, scope: row("invitation", scope, for_staff=True),
    ),
    "invite patients again": (
        rules.manages_invitation,
        lambda home, scope: row("invitation", scope, for_staff=False),
    ),
    "admit patients": (access.admits_patients, lambda home, scope: programme(home)),
    "care": (access.is_on_care_team, lambda home, scope: row("record", scope)),
    "decide on care": (access.decides_on_care, lambda home, scope: row("record", scope)),
    "treat": (treats("attempt"), lambda home, scope: row("attempt", scope)),
    "keep the timetable": (access.keeps_timetable, lambda home, scope: row("series", scope)),
    "open groups": (leads_groups, lambda home, scope: programme(home)),
    "moderate": (facilitates("group"), lambda home, scope: row("group", scope)),
    "leave the group": (is_member, lambda home, scope: row("group", scope)),
    "ask a peer to connect": (is_a_peer, lambda home, scope: row("card", scope)),
    "write to alumni": (coordinates_alumni, lambda home, scope: programme(home)),
}


def programme(id_: uuid.UUID) -> dict[str, Any]:
    return {"programme": SimpleNamespace(id=id_)}


def row(name: str, scope_id: uuid.UUID, **facts: Any) -> dict[str, Any]:
    return {name: SimpleNamespace(scope_id=scope_id, **facts)}


@pytest.mark.parametrize("role", MAY)
def test_what_each_role_may_do(role: str) -> None:
    user, home = make_user(), uuid7()
    with transaction.atomic(), collecting():
        with set_scene():
            scope = scopes.open_scope("staff", home, home_id=home, user_id=user.id, role=role)
        set_actor(user.id)
        call = Call(actor=user, now=NOW)
        allowed = {name for name, (rule, data) in RULES.items() if rule(call, data(home, scope))}
    assert allowed == MAY[role]
