"""The made-up people: loaded once, told once, and able to sign in with what was told."""

from __future__ import annotations

import re
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import CommandError, call_command
from django.utils import timezone

from recovery.care.models import Appointment, CareRecord
from recovery.conversations.models import MemberCard
from recovery.feed.models import Membership, Scope
from recovery.groups.models import PeerGroup
from recovery.people.enrolment import enrol
from recovery.people.models import StaffMember
from recovery.practice.models import Assignment
from recovery.signin.models import User
from tests.cast import NORTHLIGHT, employ, load_programme
from tests.roles import as_role

pytestmark = pytest.mark.usefixtures("committed_db")
LINE = re.compile(r"(?m)^  (\w+) +(\w+ \w+) +(\S+@\S+) +([0-9A-Z-]{14})(?:  (\S+))?$")


def load(*files: Path) -> str:
    told = StringIO()
    with as_role("jobs"):
        call_command("load_demonstration", *map(str, files), stdout=told)
    return told.getvalue()


def prepare() -> None:
    with as_role("jobs"):
        call_command("load_notice", verbosity=0, stdout=StringIO())
        call_command("load_library", verbosity=0, stdout=StringIO())
    load_programme()


def everything() -> dict[str, Any]:
    models = (User, CareRecord, MemberCard, Membership, PeerGroup, Appointment, Assignment)
    with as_role("jobs"):
        return {model.__name__: model.objects.count() for model in models}


def test_everybody_is_brought_in_once_and_told_once() -> None:
    prepare()
    told = LINE.findall(load())
    roles = [role for role, *_ in told]
    assert sorted(roles) == [
        "admin", "alumna", "alumni_coordinator", "counsellor", "patient", "patient",
    ]  # fmt: skip
    before = everything()
    assert (before["User"], before["CareRecord"], before["PeerGroup"]) == (6, 3, 2)
    assert before["Appointment"] > 0
    assert load() == ""
    assert everything() == before


def test_the_alumna_is_one_and_keeps_her_groups() -> None:
    prepare()
    load()
    with as_role("jobs"):
        rosa = User.objects.get(email="rosa.linden@mail.example")
        places = Membership.objects.filter(user_id=rosa.id, held=False)
        assert places.get(scope_id=NORTHLIGHT).role == "alumnus"
        groups = Scope.objects.filter(kind="group").values("id")
        assert [place.role for place in places.filter(scope_id__in=groups)] == ["member", "member"]


def test_what_was_told_signs_them_in() -> None:
    prepare()
    device = {"platform": "web", "app": "1.0.0", "name": "Browser"}
    for role, _, email, code, born in LINE.findall(load()):
        day = date.fromisoformat(born) if born else None
        tokens = enrol(code, day, install=f"install-of-{email}", device=device, now=timezone.now())
        user = User.objects.get(email=email)
        assert tokens["user"] == str(user.id), role


def test_a_programme_with_staff_is_left_alone() -> None:
    prepare()
    employ(role="admin")
    before = everything()
    with as_role("jobs"):
        known = User.objects.get()
        StaffMember(
            scope_id=NORTHLIGHT,
            user_id=known.id,
            given_name="Real",
            family_name="Person",
            role="admin",
        ).save(force_insert=True)
    assert load() == ""
    assert everything() == before


def test_a_failure_leaves_nothing_behind(tmp_path: Path) -> None:
    prepare()
    people = yaml.safe_load(Path("content/demonstration/northlight.yaml").read_text())
    people["assignments"][-1]["exercise"] = "no-such-exercise"
    broken = tmp_path / "broken.yaml"
    broken.write_text(yaml.safe_dump(people))
    before = everything()
    with pytest.raises(Exception, match="Exercise matching query does not exist"):
        load(broken)
    assert everything() == before


def test_an_unknown_programme_is_named(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text("programme: nowhere")
    with pytest.raises(CommandError, match="there is no programme nowhere"):
        load(tmp_path / "x.yaml")
