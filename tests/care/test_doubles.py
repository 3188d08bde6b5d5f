"""A person who is admitted twice is noticed; a birth date that cannot be is refused."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from django.db import ProgrammingError, transaction

from foundation.postgresql import functions
from foundation.problems import Invalid
from recovery.actions import Refused
from recovery.care.models import CareRecord, RecordCorrection
from recovery.feed.context import set_actor
from recovery.people.models import StaffMember
from recovery.signin.models import User
from tests.at_once import at_once
from tests.cast import ADMISSION, NORTHLIGHT, act, admit, employ, make_user, preset
from tests.roles import as_role

pytestmark = pytest.mark.usefixtures("committed_db")
CEDAR = preset("cedar-bridge")["id"]


def records() -> int:
    with as_role("jobs"):
        return CareRecord.objects.count()


def refused(staff: User, **facts: Any) -> Refused:
    before = records()
    with pytest.raises(Refused) as refusal:
        act(staff, "care.admit_patient", **ADMISSION | facts)
    assert records() == before
    assert refusal.value.code == "known_already"
    return refusal.value


@pytest.mark.parametrize("name", [{}, {"given_name": "ANÁ"}, {"family_name": "Reyes López"}])
def test_a_member_of_the_team_is_shown_the_record(clinician: User, name: dict[str, str]) -> None:
    _, record = admit(clinician)
    refusal = refused(clinician, **name)
    assert refusal.current[:2] == ["care_record", str(record)]
    assert "You are on the care team of a person with this name" in refusal.title


def test_a_colleague_learns_only_whom_to_ask(clinician: User) -> None:
    admit(clinician)
    with as_role("jobs"):
        StaffMember.objects.create(
            scope_id=NORTHLIGHT, user_id=clinician.id, given_name="Noor", role="clinician"
        )
    refusal = refused(employ(role="counsellor"))
    assert refusal.current is None
    assert "Please ask about it: Noor" in refusal.title
    assert "Ana" not in refusal.title


def test_another_person_is_admitted_with_what_was_typed(clinician: User) -> None:
    admit(clinician)
    act(clinician, "care.admit_patient", **ADMISSION | {"separate": True})
    assert records() == 2


@pytest.mark.parametrize("other", [{"given_name": "Eva"}, {"date_of_birth": "1990-04-02"}])
def test_another_person_is_admitted_as_usual(clinician: User, other: dict[str, str]) -> None:
    admit(clinician)
    act(clinician, "care.admit_patient", **ADMISSION | other)
    assert records() == 2


def test_another_programme_learns_nothing(clinician: User) -> None:
    admit(clinician)
    act(employ(CEDAR, "clinician"), "care.admit_patient", **ADMISSION | {"programme": CEDAR})
    assert records() == 2


@pytest.mark.parametrize("role", [None, "clinician"])
def test_the_database_answers_staff_of_the_programme_only(
    clinician: User, role: str | None
) -> None:
    admit(clinician)
    asks = employ(CEDAR, role) if role else make_user()
    with transaction.atomic():
        set_actor(asks.id)
        with pytest.raises(ProgrammingError, match="staff of the programme"), transaction.atomic():
            functions.call("records_born_on", programme=NORTHLIGHT, born="1990-04-01")


def test_of_two_colleagues_at_the_same_time_one_is_refused(clinician: User) -> None:
    both = [
        partial(act, staff, "care.admit_patient", **ADMISSION)
        for staff in (clinician, employ(role="clinician"))
    ]
    refusals = [each.code for each in at_once(*both) if isinstance(each, Refused)]
    assert (records(), refusals) == (1, ["known_already"])


TYPING_MISTAKE = {"given_name": "Eva", "separate": True}


def correct(staff: User, record: Any, **options: Any) -> None:
    names = {"changes": {"given_name": "Ana"}, "expected": {"given_name": "Eva"}}
    act(staff, "care.correct_person", record=str(record), **names | options)


def test_a_correction_that_makes_a_double_is_noticed(clinician: User) -> None:
    _, first = admit(clinician)
    _, second = admit(clinician, **TYPING_MISTAKE)
    with pytest.raises(Refused) as refusal:
        correct(clinician, second)
    assert refusal.value.code == "known_already"
    assert refusal.value.current[:2] == ["care_record", str(first)]
    assert "You are on the care team of a person with this name" in refusal.value.title
    with as_role("jobs"):
        assert CareRecord.objects.get(id=second).given_name == "Eva"
        assert not RecordCorrection.objects.exists()
    correct(clinician, second, separate=True)
    with as_role("jobs"):
        assert CareRecord.objects.get(id=second).given_name == "Ana"


def test_a_corrected_birth_date_is_the_way_to_link_two_records(clinician: User) -> None:
    colleague = employ(role="counsellor")
    _, first = admit(clinician)
    _, second = admit(clinician, date_of_birth="1990-04-02")
    both = {"record": str(first), "other": str(second), "reason": "One passport."}
    act(clinician, "care.assign_team_member", record=str(first), user=str(colleague.id))
    act(clinician, "care.assign_team_member", record=str(second), user=str(colleague.id))
    born = {
        "record": str(second),
        "changes": {"date_of_birth": "1990-04-01"},
        "expected": {"date_of_birth": "1990-04-02"},
    }
    with pytest.raises(Refused, match="correct the wrong one first"):
        act(clinician, "care.link_records", **both)
    with pytest.raises(Refused, match="If this is another person, say so"):
        act(clinician, "care.correct_person", **born)
    act(clinician, "care.correct_person", **born, separate=True)
    states = [act(staff, "care.link_records", **both).data for staff in (clinician, colleague)]
    assert states == [{"state": "waiting"}, {"state": "linked"}]
    # From now on, neither is a double of the other.
    correct(clinician, second, changes={"family_name": "Vega"}, expected={"family_name": "Reyes"})
    correct(clinician, first, changes={"family_name": "Vega"}, expected={"family_name": "Reyes"})
    correct(clinician, second, changes={"given_name": "Aná"}, expected={"given_name": "Ana"})


def test_a_record_is_no_double_of_itself(clinician: User) -> None:
    _, record = admit(clinician, **TYPING_MISTAKE)
    correct(clinician, record)
    act(
        clinician,
        "care.correct_person",
        record=str(record),
        changes={"given_name": "Aná"},
        expected={"given_name": "Ana"},
    )


@pytest.mark.parametrize("born", ["1026-04-01", "0198-04-01", "1906-02-27", "2026-04-01"])
def test_a_birth_date_that_cannot_be_is_quoted(clinician: User, born: str) -> None:
    with pytest.raises(Invalid) as refusal:
        act(clinician, "care.admit_patient", **ADMISSION | {"date_of_birth": born})
    [sentence] = refusal.value.errors["date_of_birth"]
    assert born in sentence
    assert "2026-03-03" in sentence
    assert records() == 0


def test_the_oldest_people_are_admitted(clinician: User) -> None:
    admit(clinician, date_of_birth="1906-03-04")


def test_one_name_is_enough(clinician: User) -> None:
    _, record = admit(clinician, given_name="Wayan", family_name="")
    with as_role("jobs"):
        assert CareRecord.objects.get(id=record).legal_name == "Wayan"
