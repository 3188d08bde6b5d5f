"""Names in a group: nobody passes for a member or for staff, or gives their own name away."""

from __future__ import annotations

import pytest
from django.db import transaction

from foundation.problems import Invalid, Refused
from recovery.care.models import CareRecord
from recovery.conversations.models import MemberCard
from recovery.feed import scopes
from recovery.feed.collect import collecting
from recovery.feed.context import set_actor
from recovery.people.models import StaffMember
from tests.cast import Circle, act, employ, invite, joining


def try_to_join(circle: Circle, alias: str) -> str:
    """Cleo's attempt. The code of the refusal, after which nobody has joined."""
    invitation = invite(circle.dana, circle.group, circle.records["cleo"])
    with pytest.raises(Refused) as refusal:
        act(circle.cleo, "groups.join", **joining(invitation, alias))
    set_actor(circle.dana.id)
    assert MemberCard.objects.in_scope(circle.group).count() == 3
    return refusal.value.code


@pytest.mark.parametrize(
    "alias",
    ["ana", " Ana", "A n a", "Ana\u200b", "Áná", "\uff21na", "Dana", "D\u200da\u200dna."],
)
def test_nobody_looks_like_another_member_or_the_facilitator(circle: Circle, alias: str) -> None:
    assert try_to_join(circle, alias) == "alias_taken"


@pytest.mark.parametrize(
    "alias",
    [
        "Counselor",
        "M0derator",
        "Dr. Noor",
        "Admin \u2713",
        "Consejera Ana",
        "Moderador",
        "La Coordinadora",
        "case manager",
        "L\u0130DER",
    ],
)
def test_nobody_has_a_title_of_the_staff(circle: Circle, alias: str) -> None:
    assert try_to_join(circle, alias) == "alias_taken"


@pytest.mark.parametrize(
    "alias", ["Dana 2", "Dana\u2122", "\u2713 Dana", "Ms Dana", "\u24b9ana \u00b2"]
)
def test_nobody_adds_a_sign_to_the_name_of_the_facilitator(circle: Circle, alias: str) -> None:
    assert try_to_join(circle, alias) == "alias_taken"


@pytest.mark.parametrize("alias", ["Mr Whitfield", "WHITF1ELD", "Maya Whitfield", "Maya"])
def test_nobody_has_the_name_of_a_member_of_staff(circle: Circle, alias: str) -> None:
    colleague = employ(circle.programme, "counsellor")
    set_actor(circle.dana.id)
    StaffMember.objects.update_or_create(
        scope_id=circle.programme.id,
        user_id=colleague.id,
        defaults={"role": "counsellor", "given_name": "Maya", "family_name": "Whitfield"},
    )
    assert try_to_join(circle, alias) == "alias_taken"


@pytest.mark.parametrize(
    "alias",
    [
        "Ana Muñoz.",
        "Munoz",
        "M u n o z",
        "lumunoz",
        "Mun0z",
        "Lu",
        "\u24dc\u24e4\u24dd\u24de\u24e9",
    ],
)
def test_nobody_gives_their_own_name_away(circle: Circle, alias: str) -> None:
    set_actor(circle.cleo.id)
    records = CareRecord.objects.in_scope(circle.records["cleo"].id)
    records.update(given_name="Lu", family_name="Muñoz")
    assert try_to_join(circle, alias) == "alias_is_legal_name"


def test_what_they_are_called_is_a_name_too(circle: Circle) -> None:
    set_actor(circle.cleo.id)
    CareRecord.objects.in_scope(circle.records["cleo"].id).update(called="Bobby")
    assert try_to_join(circle, "bobby") == "alias_is_legal_name"


def test_a_single_name_is_a_name_too(circle: Circle) -> None:
    set_actor(circle.cleo.id)
    records = CareRecord.objects.in_scope(circle.records["cleo"].id)
    records.update(given_name="", family_name="", name_text="Wayan")
    assert try_to_join(circle, "wayan") == "alias_is_legal_name"


def test_nobody_has_the_single_name_of_a_member_of_staff(circle: Circle) -> None:
    colleague = employ(circle.programme, "counsellor")
    set_actor(circle.dana.id)
    StaffMember.objects.update_or_create(
        scope_id=circle.programme.id,
        user_id=colleague.id,
        defaults={
            "role": "counsellor",
            "given_name": "",
            "family_name": "",
            "name_text": "Made Wayan",
        },
    )
    assert try_to_join(circle, "Wayan") == "alias_taken"


@pytest.mark.parametrize(
    "alias", ["\u2800", "\u200b", "\u3164", "H\u0435ron", "Her\non", "\u202enoreH", "\u0301"]
)
def test_an_alias_is_one_line_that_can_be_seen(circle: Circle, alias: str) -> None:
    invitation = invite(circle.dana, circle.group, circle.records["cleo"])
    with pytest.raises(Invalid) as refusal:
        act(circle.cleo, "groups.join", **joining(invitation, alias))
    assert list(refusal.value.errors) == ["alias"]


def test_an_alias_with_the_same_letters_is_free(circle: Circle) -> None:
    set_actor(circle.cleo.id)
    records = CareRecord.objects.in_scope(circle.records["cleo"].id)
    records.update(given_name="Wei", family_name="Li")
    circle.bring_in("cleo", "Lily 🌻")
    set_actor(circle.ana.id)
    aliases = MemberCard.objects.in_scope(circle.group).values_list("alias", flat=True)
    assert "Lily 🌻" in aliases


def test_staff_cannot_take_the_alias_of_a_member_either(circle: Circle) -> None:
    colleague = employ(circle.programme, "counsellor")
    data = {"group": circle.group, "colleague": colleague.id, "alias": "B\u0435n"}
    with pytest.raises(Invalid):
        act(circle.dana, "groups.add_facilitator", **data)
    with pytest.raises(Refused) as refusal:
        act(circle.dana, "groups.add_facilitator", **data | {"alias": "BEN!"})
    assert refusal.value.code == "alias_taken"


def test_who_takes_over_a_group_that_nobody_leads_cannot_either(circle: Circle) -> None:
    fay, eli = employ(circle.programme, "admin"), employ(circle.programme, "clinician")
    with transaction.atomic(), collecting():
        set_actor(fay.id)
        scopes.change_staff_places(circle.programme.id, circle.dana.id, None)
    data = {"group": circle.group, "colleague": eli.id, "alias": "BEN!"}
    with pytest.raises(Refused) as refusal:
        act(fay, "groups.add_facilitator", **data)
    assert refusal.value.code == "alias_taken"
    act(fay, "groups.add_facilitator", **data | {"alias": "Eli"})
