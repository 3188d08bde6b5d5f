"""A group is closed: its facilitator invites, the patient consents, and only then are they seen."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.db import transaction
from uuid_utils.compat import uuid7

from foundation.problems import Invalid, NotAllowed, NotFound, Refused
from recovery.care.models import CareRecord, Programme
from recovery.conversations.models import MemberCard
from recovery.feed import scopes
from recovery.feed.collect import collecting
from recovery.feed.context import set_actor
from recovery.feed.models import FeedEntry, Membership
from recovery.groups.models import GroupInvitation, PeerGroup
from recovery.privacy.models import Consent
from recovery.signin.models import User
from tests.factories.peers import (
    LEGAL_NAME,
    Circle,
    act,
    admit,
    hire,
    invite,
    joining,
    make_programme,
    scopes_of,
    seen,
    signed,
    user_of,
)
from tests.factories.people import NOW
from tests.factories.privacy import form_id


def aliases(user: User, circle: Circle) -> list[str]:
    return sorted(card["alias"] for card in seen(user, "member_card", circle.group))


def state(circle: Circle) -> tuple[Any, ...]:
    """Everything that joining and inviting can change, for the patient who is outside."""
    cedar = circle.records["cedar"].user_id
    set_actor(cedar)
    invitations = list(GroupInvitation.objects.in_scope(cedar).values_list("id", "state"))
    consents = list(Consent.objects.in_scope(circle.records["cedar"].id).values_list("id", "state"))
    places = sorted(Membership.objects.filter(user_id=cedar).values_list("scope_id", "role"))
    set_actor(circle.dana.id)
    cards = sorted(MemberCard.objects.in_scope(circle.group).values_list("id", "alias", "left_at"))
    feed = list(FeedEntry.objects.filter(scope_id=circle.group).values_list("object_id", "seq"))
    return invitations, consents, places, cards, sorted(feed)


# Creating


def new_group(circle: Circle, **changes: Any) -> dict[str, Any]:
    return {
        "id": uuid7(),
        "programme": circle.programme.id,
        "name": "Saturday morning",
        "alias": "Dana",
    } | changes


def test_staff_open_a_group_with_the_rules_of_the_programme(circle: Circle) -> None:
    data = new_group(circle)
    act(circle.dana, "groups.create", data)
    [group] = seen(circle.dana, "group", data["id"])
    assert group["name"] == "Saturday morning"
    assert group["house_rules"] == circle.programme.settings["house_rules"]
    assert group["size_max"] == circle.programme.settings["group"]["size"]["max"]
    [card] = seen(circle.dana, "member_card", data["id"])
    assert (card["alias"], card["role"]) == ("Dana", "facilitator")


@pytest.mark.parametrize(
    "made", [uuid.uuid4(), uuid.uuid5(uuid.NAMESPACE_DNS, "x"), uuid.UUID(int=0)]
)
def test_the_id_of_a_group_cannot_be_chosen(circle: Circle, made: uuid.UUID) -> None:
    with pytest.raises(Invalid):
        act(circle.dana, "groups.create", new_group(circle, id=made))
    assert seen(circle.dana, "group", made) == []


def test_patients_open_no_groups(circle: Circle) -> None:
    data = new_group(circle)
    with pytest.raises(NotAllowed):
        act(circle.ash, "groups.create", data)
    assert seen(circle.ash, "group", data["id"]) == []


def test_staff_who_lead_no_groups_open_none(circle: Circle) -> None:
    with pytest.raises(NotAllowed):
        act(hire(circle.programme, circle.dana, "moderator"), "groups.create", new_group(circle))


def test_a_programme_that_one_does_not_work_for_does_not_exist(circle: Circle, olive: User) -> None:
    for programme in (circle.programme.id, uuid.uuid4()):
        with pytest.raises(NotFound):
            act(olive, "groups.create", new_group(circle, programme=programme))
    assert PeerGroup.objects.visible_to(olive).count() == 0


# Inviting


def test_an_invitation_is_on_the_patients_phone_alone(circle: Circle) -> None:
    invite(circle.dana, circle.group, circle.records["cedar"])
    [invitation] = seen(circle.cedar, "group_invitation")
    assert (invitation["group_name"], invitation["state"]) == ("Tuesday evening", "open")
    assert invitation["programme_name"] == circle.programme.name
    assert seen(circle.dana, "group_invitation") == []
    assert seen(circle.ash, "group_invitation")[0]["state"] == "joined"


def test_whoever_is_invited_is_seen_by_nobody_and_sees_nobody(circle: Circle) -> None:
    """J12."""
    invite(circle.dana, circle.group, circle.records["cedar"])
    assert aliases(circle.ash, circle) == ["Ash", "Birch", "Dana"]
    assert "group" not in scopes_of(circle.cedar)
    assert MemberCard.objects.visible_to(circle.cedar).count() == 0


def test_only_the_facilitator_invites(circle: Circle) -> None:
    before = state(circle)
    with pytest.raises(NotFound):  # Ash cannot even see the record.
        invite(circle.ash, circle.group, circle.records["cedar"])
    with pytest.raises(NotAllowed):
        invite(circle.ash, circle.group, circle.records["ash"])
    assert state(circle) == before


def test_other_programmes_staff_find_neither_group_nor_record(circle: Circle, olive: User) -> None:
    before = state(circle)
    with pytest.raises(NotFound):
        invite(olive, circle.group, circle.records["cedar"])
    assert state(circle) == before


def test_colleagues_outside_the_group_cannot_find_it(circle: Circle) -> None:
    colleague = hire(circle.programme, circle.dana, "counsellor")
    with pytest.raises(NotFound):
        invite(colleague, circle.group, admit(circle.programme, colleague))


def test_a_patient_of_another_programme_is_not_invited(circle: Circle) -> None:
    """Even where the same person works for both."""
    other = make_programme(slug="second")
    record = admit_elsewhere(circle, other)
    with pytest.raises(Refused) as refusal:
        invite(circle.dana, circle.group, record)
    assert refusal.value.code == "other_programme"
    assert seen(user_of(record), "group_invitation") == []


def admit_elsewhere(circle: Circle, other: Programme) -> CareRecord:
    with transaction.atomic(), collecting():
        set_actor(circle.dana.id)
        scopes.open_scope(
            "program", other.id, home_id=other.id, user_id=circle.dana.id, role="counsellor"
        )
    return admit(other, circle.dana)


def test_nobody_is_invited_before_they_have_confirmed_the_notice(circle: Circle) -> None:
    record = admit(circle.programme, circle.dana, confirmed=False)
    with pytest.raises(Refused) as refusal:
        invite(circle.dana, circle.group, record)
    assert refusal.value.code == "notice_first"
    assert seen(user_of(record), "group_invitation") == []


@pytest.mark.parametrize(
    ("again", "code"), [("cedar", "invited_already"), ("ash", "member_already")]
)
def test_nobody_is_invited_twice(circle: Circle, again: str, code: str) -> None:
    invite(circle.dana, circle.group, circle.records["cedar"])
    before = state(circle)
    with pytest.raises(Refused) as refusal:
        invite(circle.dana, circle.group, circle.records[again])
    assert refusal.value.code == code
    assert state(circle) == before


def test_asking_again_with_the_same_key_invites_once(circle: Circle) -> None:
    key = uuid7()
    first = invite(circle.dana, circle.group, circle.records["cedar"], key=key)
    assert invite(circle.dana, circle.group, circle.records["cedar"], key=key) == first
    assert len(seen(circle.cedar, "group_invitation")) == 1


def test_an_invitation_can_be_withdrawn_and_then_opens_nothing(circle: Circle) -> None:
    invitation = invite(circle.dana, circle.group, circle.records["cedar"])
    data = {"group": circle.group, "record": circle.records["cedar"].id}
    act(circle.dana, "groups.withdraw_invitation", data)
    assert seen(circle.cedar, "group_invitation")[0]["state"] == "withdrawn"
    before = state(circle)
    with pytest.raises(Refused) as refusal:
        act(circle.cedar, "groups.join", joining(invitation, "Cedar"))
    assert refusal.value.code == "answered"
    with pytest.raises(Refused) as refusal:
        act(circle.dana, "groups.withdraw_invitation", data)
    assert refusal.value.code == "no_invitation"
    assert state(circle) == before


# Joining


def test_with_a_consent_one_is_seen_and_sees_the_others(circle: Circle) -> None:
    circle.bring_in("cedar")
    assert "group" in scopes_of(circle.cedar)
    everybody = ["Ash", "Birch", "Cedar", "Dana"]
    assert aliases(circle.ash, circle) == aliases(circle.cedar, circle) == everybody
    assert seen(circle.cedar, "group_invitation")[0]["state"] == "joined"


def test_the_consent_has_every_element_in_the_words_that_were_signed(circle: Circle) -> None:
    circle.bring_in("cedar")
    [consent] = seen(circle.cedar, "consent")
    assert consent["patient_name"] == consent["signature"] == " ".join(LEGAL_NAME)
    assert consent["discloser"] == circle.programme.name
    assert "Tuesday evening" in consent["recipient"]
    assert all(consent[name].strip() and "{" not in consent[name] for name in Consent.ELEMENTS)
    assert (consent["kind"], consent["state"]) == ("peer_group_visibility", "active")
    assert (consent["form_version"], consent["locale"]) == ("2026-02", "en")
    assert consent["subject"] == str(circle.group)
    assert len(consent["text_hash"]) == 64
    assert seen(circle.dana, "consent", circle.records["cedar"].id) == [consent]


def test_the_legal_name_is_nowhere_in_the_group(circle: Circle) -> None:
    """E5. It is in the consent, so there is something to leak."""
    cedar = circle.bring_in("cedar")
    assert LEGAL_NAME[1] in seen(cedar, "consent")[0]["signature"]
    set_actor(circle.dana.id)
    docs = FeedEntry.objects.filter(scope_id=circle.group).values_list("doc", flat=True)
    everything = " ".join(docs)
    assert "Cedar" in everything
    assert not any(name in everything for name in LEGAL_NAME)
    assert str(cedar.id) not in everything


def test_what_was_said_before_stays_with_those_it_was_said_to(circle: Circle) -> None:
    say = {"id": uuid7(), "group": circle.group, "text": "before Cedar"}
    act(circle.ash, "groups.post_message", say)
    circle.bring_in("cedar")
    act(circle.ash, "groups.post_message", say | {"id": uuid7(), "text": "after"})
    assert [m["text"] for m in seen(circle.cedar, "message")] == ["after"]
    assert [g["name"] for g in seen(circle.cedar, "group")] == ["Tuesday evening"]


REFUSED = [
    ({"rules_accepted": False}, "rules_not_accepted"),
    ({"alias": "ash"}, "alias_taken"),
    ({"alias": "Mx goldsworthy"}, "alias_is_legal_name"),
    ({"consent": signed("peer_pair_visibility")}, "wrong_form"),
]


@pytest.mark.parametrize(("change", "code"), REFUSED)
def test_joining_is_refused(circle: Circle, change: dict[str, Any], code: str) -> None:
    invitation = invite(circle.dana, circle.group, circle.records["cedar"])
    before = state(circle)
    with pytest.raises(Refused) as refusal:
        act(circle.cedar, "groups.join", joining(invitation, "Cedar") | change)
    assert refusal.value.code == code
    assert state(circle) == before


INVALID: list[dict[str, Any]] = [
    {"consent": {}},
    {"consent": {"form": form_id("peer_group_visibility"), "signature": " "}},
    {"alias": "  "},
    {"alias": "x" * 41},
    {"avatar": "https://example.com/face.jpg"},
    {"unheard": 1},
]


@pytest.mark.parametrize("change", INVALID)
def test_joining_needs_a_signature_and_an_alias(circle: Circle, change: dict[str, Any]) -> None:
    invitation = invite(circle.dana, circle.group, circle.records["cedar"])
    before = state(circle)
    with pytest.raises(Invalid):
        act(circle.cedar, "groups.join", joining(invitation, "Cedar") | change)
    assert state(circle) == before


def test_a_form_in_a_language_that_one_does_not_read_is_unknown(circle: Circle) -> None:
    invitation = invite(circle.dana, circle.group, circle.records["cedar"])
    spanish = {"form": form_id("peer_group_visibility", locale="es"), "signature": "X"}
    with pytest.raises(NotFound):
        act(circle.cedar, "groups.join", joining(invitation, "Cedar", consent=spanish))


def test_nobody_joins_without_having_confirmed_the_notice(circle: Circle) -> None:
    """Not even where a place in the record has begun without it."""
    circle.records["elm"] = admit(circle.programme, circle.dana, confirmed=False)
    with transaction.atomic(), collecting():
        set_actor(circle.elm.id)
        scopes.release_held(circle.elm.id)
    invitation = invite(circle.dana, circle.group, circle.records["elm"])
    with pytest.raises(Refused) as refusal:
        act(circle.elm, "groups.join", joining(invitation, "Elm"))
    assert refusal.value.code == "notice_first"
    assert "group" not in scopes_of(circle.elm)
    assert seen(circle.elm, "consent") == []


def test_a_full_group_takes_nobody_in(circle: Circle) -> None:
    circle.records["elm"] = admit(circle.programme, circle.dana)
    waiting = invite(circle.dana, circle.group, circle.records["elm"])
    circle.bring_in("cedar")
    before = state(circle)
    with pytest.raises(Refused) as refusal:
        act(circle.elm, "groups.join", joining(waiting, "Elm"))
    assert refusal.value.code == "full"
    with pytest.raises(Refused) as refusal:
        invite(circle.dana, circle.group, admit(circle.programme, circle.dana))
    assert refusal.value.code == "full"
    assert state(circle) == before


def test_somebody_elses_invitation_does_not_exist(circle: Circle) -> None:
    invitation = invite(circle.dana, circle.group, circle.records["cedar"])
    before = state(circle)
    for other in (circle.ash, circle.dana):
        with pytest.raises(NotFound):
            act(other, "groups.join", joining(invitation, "Cedar"))
        with pytest.raises(NotFound):
            act(other, "groups.decline_invitation", {"invitation": invitation})
    assert state(circle) == before


def test_a_no_is_kept_and_told_to_nobody(circle: Circle) -> None:
    invitation = invite(circle.dana, circle.group, circle.records["cedar"])
    told = seen(circle.dana, "member_card", circle.group)
    act(circle.cedar, "groups.decline_invitation", {"invitation": invitation})
    assert seen(circle.cedar, "group_invitation")[0]["state"] == "declined"
    assert seen(circle.dana, "member_card", circle.group) == told
    for name, data in (
        ("join", joining(invitation, "Cedar")),
        ("decline_invitation", {"invitation": invitation}),
    ):
        with pytest.raises(Refused) as refusal:
            act(circle.cedar, f"groups.{name}", data)
        assert refusal.value.code == "answered"
    assert "group" not in scopes_of(circle.cedar)


def test_joining_again_with_the_same_key_changes_nothing(circle: Circle) -> None:
    invitation, key = invite(circle.dana, circle.group, circle.records["cedar"]), uuid7()
    first = act(circle.cedar, "groups.join", joining(invitation, "Cedar"), key=key)
    before = state(circle)
    again = act(circle.cedar, "groups.join", joining(invitation, "Cedar"), key=key)
    assert (again.data, again.dup) == (first.data, True)
    assert state(circle) == before


def test_an_invitation_ends_with_the_place_of_whoever_invited(circle: Circle) -> None:
    invitation = invite(circle.dana, circle.group, circle.records["cedar"])
    with transaction.atomic(), collecting():
        set_actor(circle.dana.id)
        scopes.revoke(circle.group, circle.dana.id)
    with pytest.raises(Refused) as refusal:
        act(circle.cedar, "groups.join", joining(invitation, "Cedar"), now=NOW)
    assert refusal.value.code == "closed"
    assert "group" not in scopes_of(circle.cedar)
    assert seen(circle.cedar, "consent") == []
