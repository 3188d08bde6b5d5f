"""The demonstration people: loaded once, listed once, and able to sign in with their codes."""

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
from recovery.management.content import FOLDER
from recovery.people.enrolment import enrol
from recovery.people.models import StaffMember
from recovery.practice.models import Assignment
from recovery.signin.models import User
from tests.cast import NORTHLIGHT, employ, load_programme
from tests.roles import as_role

pytestmark = pytest.mark.usefixtures("committed_db")
LINE = re.compile(r"(?m)^  (\w+) +(\w+ \w+) +(\S+@\S+) +([0-9A-Z-]{14})(?:  (\S+))?$")


def load(*files: Path) -> str:
    output = StringIO()
    with as_role("jobs"):
        call_command("load_demonstration", *map(str, files), stdout=output)
    return output.getvalue()


def prepare() -> None:
    with as_role("jobs"):
        call_command("load_notice", verbosity=0, stdout=StringIO())
        call_command("load_library", verbosity=0, stdout=StringIO())
    load_programme()


def row_counts() -> dict[str, Any]:
    models = (User, CareRecord, MemberCard, Membership, PeerGroup, Appointment, Assignment)
    with as_role("jobs"):
        return {model.__name__: model.objects.count() for model in models}


def test_everyone_is_loaded_once_and_listed_once() -> None:
    prepare()
    roles = [role for role, *_ in LINE.findall(load())]
    assert sorted(roles) == [
        "admin", "alumna", "alumni_coordinator", "counsellor", "patient", "patient",
    ]  # fmt: skip
    before = row_counts()
    assert (before["User"], before["CareRecord"], before["PeerGroup"]) == (6, 3, 2)
    assert before["Appointment"] > 0
    assert load() == ""
    assert row_counts() == before


def test_the_alumna_has_that_role_and_keeps_her_groups() -> None:
    prepare()
    load()
    with as_role("jobs"):
        rosa = User.objects.get(email="rosa.linden@mail.example")
        memberships = Membership.objects.filter(user_id=rosa.id, held=False)
        assert memberships.get(scope_id=NORTHLIGHT).role == "alumnus"
        groups = Scope.objects.filter(kind="group").values("id")
        assert [row.role for row in memberships.filter(scope_id__in=groups)] == ["member", "member"]


def test_the_listed_codes_sign_them_in() -> None:
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
    before = row_counts()
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
    assert row_counts() == before


def test_a_failure_leaves_nothing_behind(tmp_path: Path) -> None:
    prepare()
    people = yaml.safe_load(Path("content/demonstration/northlight.yaml").read_text())
    people["assignments"][-1]["exercise"] = "no-such-exercise"
    broken = tmp_path / "broken.yaml"
    broken.write_text(yaml.safe_dump(people))
    before = row_counts()
    with pytest.raises(Exception, match="Exercise matching query does not exist"):
        load(broken)
    assert row_counts() == before


def test_an_unknown_programme_is_named(tmp_path: Path) -> None:
    shipped = next(FOLDER.glob("demonstration/*.yaml")).read_text(encoding="utf-8")
    text = shipped.replace("programme: northlight", "programme: nowhere")
    (tmp_path / "x.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(CommandError, match="there is no programme nowhere"):
        load(tmp_path / "x.yaml")
