"""One name is enough, a long one is none too long, and a slip of the hand is noticed."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.management import call_command

from foundation.problems import Invalid
from recovery.people.models import Person, StaffMember
from recovery.people.rules import check_phone, same_name
from tests.cast import NORTHLIGHT, act, count, documents, employ, load_programme
from tests.roles import as_role

INVITED: dict[str, Any] = {
    "programme": NORTHLIGHT,
    "email": "sam@example.org",
    "role": "counsellor",
    "by_email": False,
}


@pytest.mark.usefixtures("committed_db")
@pytest.mark.parametrize("name", [{"given_name": "Wayan"}, {"name_text": "Ñ" * 400}])
def test_staff_may_have_one_name(name: dict[str, str]) -> None:
    load_programme()
    admin = employ(role="admin")
    act(admin, "people.invite_staff", **INVITED, **name)
    shown = [card for card in documents(admin, "staff_member") if card["role"] == "counsellor"]
    assert {part: shown[0][part] for part in ("given_name", "family_name", "name_text")} == {
        "given_name": "",
        "family_name": "",
        "name_text": "",
    } | name


@pytest.mark.usefixtures("committed_db")
@pytest.mark.parametrize(
    ("slip", "field"),
    [
        ({"given_name": ""}, "given_name"),
        ({"given_name": " - "}, "given_name"),
        ({"given_name": "0123"}, "given_name"),
        ({"given_name": "x" * 401}, "given_name"),
        ({"given_name": "Sam", "phone": "12345"}, "phone"),
        ({"given_name": "Sam", "phone": "ask at the desk"}, "phone"),
    ],
)
def test_a_slip_is_named_and_nothing_is_written(slip: dict[str, str], field: str) -> None:
    load_programme()
    admin = employ(role="admin")
    before = count(admin, StaffMember)
    with pytest.raises(Invalid) as refusal:
        act(admin, "people.invite_staff", **INVITED, **slip)
    assert set(refusal.value.errors) == {field}
    assert count(admin, StaffMember) == before


@pytest.mark.usefixtures("committed_db")
def test_the_first_administrator_may_have_one_name() -> None:
    load_programme()
    with as_role("jobs"):
        call_command("invite_administrator", NORTHLIGHT, "sam@example.org", "Wayan")
        assert StaffMember.objects.get().full_name == "Wayan"


@pytest.mark.parametrize("number", ["", "+1 (555) 010-0142", "555-0142", "+44 20 7946 0958 ext 12"])
def test_numbers_that_can_be_dialled(number: str) -> None:
    check_phone(number)


@pytest.mark.parametrize("number", ["911", "+1234567890123456", "555-0142 or 555-0143", "٥٥٥٠١٤٢"])
def test_numbers_that_cannot_be_dialled(number: str) -> None:
    with pytest.raises(Invalid):
        check_phone(number)


def named(given_name: str = "", family: str = "", text: str = "") -> Person:
    return Person(given_name=given_name, family_name=family, name_text=text)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (named("Ana", "Muñoz"), named("ANA", "Munoz")),
        (named("Ana", "Muñoz"), named("Ana", "Mun\u0303oz")),
        (named("Ana", "Reyes"), named("Reyes", "Ana")),
        (named("Ana", "Reyes"), named("Ana María", "Reyes López")),
        (named("Ana", "Reyes-López"), named(text="Ana Reyes López")),
        (named("Wayan"), named(text="Wayan")),
        (named("Jürgen", "Müller"), named("Juergen", "Mueller")),
        (named("小明", "王"), named(text="王小明")),
    ],
)
def test_names_of_one_person(one: Person, other: Person) -> None:
    assert same_name(one, other)
    assert same_name(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (named("Ana", "Reyes"), named("Ana", "Prado")),
        (named("Ana", "Reyes"), named("Anabel", "Reyes")),
        (named("Ana", "Reyes"), named()),
    ],
)
def test_names_of_two_people(one: Person, other: Person) -> None:
    assert not same_name(one, other)


def test_a_name_has_no_blanks_for_missing_parts() -> None:
    assert named("Wayan").full_name == "Wayan"
    assert named("", "Suharto").full_name == "Suharto"
    assert named("Ana", "Reyes").full_name == "Ana Reyes"
    assert named("Ana", "Reyes", "Reyes Ana").full_name == "Reyes Ana"
