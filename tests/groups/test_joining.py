"""Groups are closed: the facilitator invites, the patient consents, and only then joins."""

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
from tests.cast import (
    LEGAL_NAME,
    NOW,
    Circle,
    act,
    documents,
    employ,
    form_id,
    invite,
    joining,
    make_patient,
    make_programme,
    scopes_of,
    signed,
    user_of,
)
from tests.roles import set_scene


def aliases(user: User, circle: Circle) -> list[str]:
    return sorted(card["alias"] for card in documents(user, "member_card", circle.group))


def state(circle: Circle) -> tuple[Any, ...]:
    """Everything that inviting Cleo, or her joining, can change."""
    cleo = circle.records["cleo"].user_id
    set_actor(cleo)
    invitations = list(GroupInvitation.objects.in_scope(cleo).values_list("id", "state"))
    consents = list(Consent.objects.in_scope(circle.records["cleo"].id).values_list("id", "state"))
    places = sorted(Membership.objects.filter(user_id=cleo).values_list("scope_id", "role"))
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


def test_staff_create_a_group_with_the_programmes_rules(circle: Circle) -> None:
    data = new_group(circle)
    act(circle.dana, "groups.create", **data)
    [group] = documents(circle.dana, "group", data["id"])
    assert group["name"] == "Saturday morning"
    assert group["house_rules"] == circle.programme.settings["house_rules"]
    assert group["size_max"] == circle.programme.settings["group"]["size"]["max"]
    [card] = documents(circle.dana, "member_card", data["id"])
    assert (card["alias"], card["role"]) == ("Dana", "facilitator")


@pytest.mark.parametrize(
    "group_id", [uuid.uuid4(), uuid.uuid5(uuid.NAMESPACE_DNS, "x"), uuid.UUID(int=0)]
)
def test_a_groups_id_must_be_a_uuid7(circle: Circle, group_id: uuid.UUID) -> None:
    with pytest.raises(Invalid):
        act(circle.dana, "groups.create", **new_group(circle, id=group_id))
    assert documents(circle.dana, "group", group_id) == []


def test_patients_cannot_create_groups(circle: Circle) -> None:
    data = new_group(circle)
    with pytest.raises(NotAllowed):
        act(circle.ana, "groups.create", **data)
    assert documents(circle.ana, "group", data["id"]) == []


def test_staff_who_do_not_lead_groups_cannot_create_one(circle: Circle) -> None:
    with pytest.raises(NotAllowed):
        act(
            employ(circle.programme, "moderator"),
            "groups.create",
            **new_group(circle),
        )


def test_staff_of_another_programme_cannot_find_the_programme(circle: Circle, olive: User) -> None:
    for programme in (circle.programme.id, uuid.uuid4()):
        with pytest.raises(NotFound):
            act(olive, "groups.create", **new_group(circle, programme=programme))
    assert PeerGroup.objects.visible_to(olive).count() == 0


# Inviting


def test_an_invitation_is_only_on_the_patients_phone(circle: Circle) -> None:
    invite(circle.dana, circle.group, circle.records["cleo"])
    [invitation] = documents(circle.cleo, "group_invitation")
    assert (invitation["group_name"], invitation["state"]) == ("Tuesday evening", "open")
    assert invitation["programme_name"] == circle.programme.name
    assert documents(circle.dana, "group_invitation") == []
    assert documents(circle.ana, "group_invitation")[0]["state"] == "joined"


def test_an_invited_patient_neither_sees_the_members_nor_is_seen(circle: Circle) -> None:
    """J12: an invitation makes nobody visible."""
    invite(circle.dana, circle.group, circle.records["cleo"])
    assert aliases(circle.ana, circle) == ["Ana", "Ben", "Dana"]
    assert "group" not in scopes_of(circle.cleo)
    assert MemberCard.objects.visible_to(circle.cleo).count() == 0


def test_only_the_facilitator_invites(circle: Circle) -> None:
    before = state(circle)
    with pytest.raises(NotFound):  # Ana cannot see the record at all.
        invite(circle.ana, circle.group, circle.records["cleo"])
    with pytest.raises(NotAllowed):
        invite(circle.ana, circle.group, circle.records["ana"])
    assert state(circle) == before


def test_another_programmes_staff_cannot_find_the_group_or_the_record(
    circle: Circle, olive: User
) -> None:
    before = state(circle)
    with pytest.raises(NotFound):
        invite(olive, circle.group, circle.records["cleo"])
    assert state(circle) == before


def test_colleagues_outside_the_group_cannot_find_it(circle: Circle) -> None:
    colleague = employ(circle.programme, "counsellor")
    with pytest.raises(NotFound):
        invite(colleague, circle.group, make_patient(circle.programme, colleague))


def test_a_patient_of_another_programme_cannot_be_invited(circle: Circle) -> None:
    """Even if the same counsellor works for both."""
    other = make_programme(slug="second")
    record = admit_elsewhere(circle, other)
    with pytest.raises(Refused) as refusal:
        invite(circle.dana, circle.group, record)
    assert refusal.value.code == "other_programme"
    assert documents(user_of(record), "group_invitation") == []


def admit_elsewhere(circle: Circle, other: Programme) -> CareRecord:
    with transaction.atomic(), collecting(), set_scene():
        scopes.open_scope(
            "program", other.id, home_id=other.id, user_id=circle.dana.id, role="counsellor"
        )
    return make_patient(other, circle.dana)


def test_patients_cannot_be_invited_before_they_acknowledge_the_notice(circle: Circle) -> None:
    record = make_patient(circle.programme, circle.dana, confirmed=False)
    with pytest.raises(Refused) as refusal:
        invite(circle.dana, circle.group, record)
    assert refusal.value.code == "notice_first"
    assert documents(user_of(record), "group_invitation") == []


@pytest.mark.parametrize(
    ("again", "code"), [("cleo", "invited_already"), ("ana", "member_already")]
)
def test_a_patient_cannot_be_invited_twice(circle: Circle, again: str, code: str) -> None:
    invite(circle.dana, circle.group, circle.records["cleo"])
    before = state(circle)
    with pytest.raises(Refused) as refusal:
        invite(circle.dana, circle.group, circle.records[again])
    assert refusal.value.code == code
    assert state(circle) == before


def test_a_retry_with_the_same_key_invites_once(circle: Circle) -> None:
    key = uuid7()
    first = invite(circle.dana, circle.group, circle.records["cleo"], key=key)
    assert invite(circle.dana, circle.group, circle.records["cleo"], key=key) == first
    assert len(documents(circle.cleo, "group_invitation")) == 1


def test_a_withdrawn_invitation_cannot_be_accepted(circle: Circle) -> None:
    invitation = invite(circle.dana, circle.group, circle.records["cleo"])
    data = {"group": circle.group, "record": circle.records["cleo"].id}
    act(circle.dana, "groups.withdraw_invitation", **data)
    assert documents(circle.cleo, "group_invitation")[0]["state"] == "withdrawn"
    before = state(circle)
    with pytest.raises(Refused) as refusal:
        act(circle.cleo, "groups.join", **joining(invitation, "Cleo"))
    assert refusal.value.code == "answered"
    with pytest.raises(Refused) as refusal:
        act(circle.dana, "groups.withdraw_invitation", **data)
    assert refusal.value.code == "no_invitation"
    assert state(circle) == before


# Joining


def test_a_patient_who_consents_sees_the_members_and_is_seen(circle: Circle) -> None:
    circle.bring_in("cleo")
    assert "group" in scopes_of(circle.cleo)
    everyone = ["Ana", "Ben", "Cleo", "Dana"]
    assert aliases(circle.ana, circle) == aliases(circle.cleo, circle) == everyone
    assert documents(circle.cleo, "group_invitation")[0]["state"] == "joined"


def test_the_consent_records_every_element_as_signed(circle: Circle) -> None:
    circle.bring_in("cleo")
    [consent] = documents(circle.cleo, "consent")
    assert consent["patient_name"] == consent["signature"] == " ".join(LEGAL_NAME)
    assert consent["discloser"] == circle.programme.name
    assert "Tuesday evening" in consent["recipient"]
    assert all(consent[name].strip() and "{" not in consent[name] for name in Consent.ELEMENTS)
    assert (consent["kind"], consent["state"]) == ("peer_group_visibility", "active")
    assert (consent["form_version"], consent["locale"]) == ("2026-02", "en")
    assert consent["subject"] == str(circle.group)
    assert len(consent["text_hash"]) == 64
    assert documents(circle.dana, "consent", circle.records["cleo"].id) == [consent]


def test_the_legal_name_is_nowhere_in_the_group(circle: Circle) -> None:
    """E5. The consent contains it, so there is something to leak."""
    cleo = circle.bring_in("cleo")
    assert LEGAL_NAME[1] in documents(cleo, "consent")[0]["signature"]
    set_actor(circle.dana.id)
    docs = FeedEntry.objects.filter(scope_id=circle.group).values_list("doc", flat=True)
    content = " ".join(docs)
    assert "Cleo" in content
    assert not any(name in content for name in LEGAL_NAME)
    assert str(cleo.id) not in content


def test_a_new_member_does_not_see_earlier_messages(circle: Circle) -> None:
    say = {"id": uuid7(), "group": circle.group, "text": "before Cleo"}
    act(circle.ana, "groups.post_message", **say)
    circle.bring_in("cleo")
    act(circle.ana, "groups.post_message", **say | {"id": uuid7(), "text": "after"})
    assert [m["text"] for m in documents(circle.cleo, "message")] == ["after"]
    assert [g["name"] for g in documents(circle.cleo, "group")] == ["Tuesday evening"]


REFUSED = [
    ({"rules_accepted": False}, "rules_not_accepted"),
    ({"alias": "ana"}, "alias_taken"),
    ({"alias": "Mx goldsworthy"}, "alias_is_legal_name"),
    ({"consent": signed("peer_pair_visibility")}, "wrong_form"),
]


@pytest.mark.parametrize(("change", "code"), REFUSED)
def test_joining_is_refused(circle: Circle, change: dict[str, Any], code: str) -> None:
    invitation = invite(circle.dana, circle.group, circle.records["cleo"])
    before = state(circle)
    with pytest.raises(Refused) as refusal:
        act(circle.cleo, "groups.join", **joining(invitation, "Cleo") | change)
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
    invitation = invite(circle.dana, circle.group, circle.records["cleo"])
    before = state(circle)
    with pytest.raises(Invalid):
        act(circle.cleo, "groups.join", **joining(invitation, "Cleo") | change)
    assert state(circle) == before


def test_a_form_in_another_language_is_not_found(circle: Circle) -> None:
    invitation = invite(circle.dana, circle.group, circle.records["cleo"])
    spanish = {"form": form_id("peer_group_visibility", locale="es"), "signature": "X"}
    with pytest.raises(NotFound):
        act(circle.cleo, "groups.join", **joining(invitation, "Cleo", consent=spanish))


def test_patients_cannot_join_before_they_acknowledge_the_notice(circle: Circle) -> None:
    """Even if their membership in the record has been released without it."""
    circle.records["elm"] = make_patient(circle.programme, circle.dana, confirmed=False)
    with transaction.atomic(), collecting():
        set_actor(circle.elm.id)
        scopes.release_held(circle.elm.id)
    invitation = invite(circle.dana, circle.group, circle.records["elm"])
    with pytest.raises(Refused) as refusal:
        act(circle.elm, "groups.join", **joining(invitation, "Elm"))
    assert refusal.value.code == "notice_first"
    assert "group" not in scopes_of(circle.elm)
    assert documents(circle.elm, "consent") == []


def test_nobody_can_join_or_be_invited_to_a_full_group(circle: Circle) -> None:
    circle.records["elm"] = make_patient(circle.programme, circle.dana)
    waiting = invite(circle.dana, circle.group, circle.records["elm"])
    circle.bring_in("cleo")
    before = state(circle)
    with pytest.raises(Refused) as refusal:
        act(circle.elm, "groups.join", **joining(waiting, "Elm"))
    assert refusal.value.code == "full"
    with pytest.raises(Refused) as refusal:
        invite(circle.dana, circle.group, make_patient(circle.programme, circle.dana))
    assert refusal.value.code == "full"
    assert state(circle) == before


def test_another_patients_invitation_is_not_found(circle: Circle) -> None:
    invitation = invite(circle.dana, circle.group, circle.records["cleo"])
    before = state(circle)
    for other in (circle.ana, circle.dana):
        with pytest.raises(NotFound):
            act(other, "groups.join", **joining(invitation, "Cleo"))
        with pytest.raises(NotFound):
            act(other, "groups.decline_invitation", invitation=invitation)
    assert state(circle) == before


def test_declining_is_recorded_and_not_shown_to_the_group(circle: Circle) -> None:
    invitation = invite(circle.dana, circle.group, circle.records["cleo"])
    cards = documents(circle.dana, "member_card", circle.group)
    act(circle.cleo, "groups.decline_invitation", invitation=invitation)
    assert documents(circle.cleo, "group_invitation")[0]["state"] == "declined"
    assert documents(circle.dana, "member_card", circle.group) == cards
    for name, data in (
        ("join", joining(invitation, "Cleo")),
        ("decline_invitation", {"invitation": invitation}),
    ):
        with pytest.raises(Refused) as refusal:
            act(circle.cleo, f"groups.{name}", **data)
        assert refusal.value.code == "answered"
    assert "group" not in scopes_of(circle.cleo)


def test_a_retry_of_joining_with_the_same_key_changes_nothing(circle: Circle) -> None:
    invitation, key = invite(circle.dana, circle.group, circle.records["cleo"]), uuid7()
    first = act(circle.cleo, "groups.join", key=key, **joining(invitation, "Cleo"))
    before = state(circle)
    again = act(circle.cleo, "groups.join", key=key, **joining(invitation, "Cleo"))
    assert (again.data, again.dup) == (first.data, True)
    assert state(circle) == before


def test_an_invitation_lapses_when_the_inviting_facilitator_leaves(circle: Circle) -> None:
    invitation = invite(circle.dana, circle.group, circle.records["cleo"])
    with transaction.atomic(), collecting():
        set_actor(circle.dana.id)
        scopes.revoke(circle.group, circle.dana.id)
    with pytest.raises(Refused) as refusal:
        act(circle.cleo, "groups.join", now=NOW, **joining(invitation, "Cleo"))
    assert refusal.value.code == "closed"
    assert "group" not in scopes_of(circle.cleo)
    assert documents(circle.cleo, "consent") == []
