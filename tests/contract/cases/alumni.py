"""Connections between two people, and what coordinators tell everybody."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from uuid_utils.compat import uuid7

from recovery.actions import SYSTEM
from recovery.alumni.models import Connection
from recovery.signin.models import User
from tests.contract.cases.groups import seq
from tests.contract.story import Move, Scene, story
from tests.factories.peers import (
    Circle,
    act,
    admit,
    hire,
    invite,
    joining,
    make_circle,
    seen,
    signed,
    user_of,
)

KIND = "peer_pair_visibility"
SIDE, CONSENT, BLOCK = "person/connection", "care/consent", "person/block"
MADE = {SIDE, CONSENT, "pair/pair", "pair/member_card", "pair/members"}


def asking(circle: Circle, whom: User) -> dict[str, Any]:
    return {"id": uuid7(), "card": circle.card(whom), "consent": signed(KIND)}


def waiting(asked: dict[str, Any], whom: User) -> dict[str, Any]:
    """The side of whoever was asked."""
    return {"connection": Connection.id_of(asked["id"], whom.id)}


@story("alumni.request_connection", "alumni.accept_connection", "alumni.end_connection")
def two_people_connect_and_part() -> Scene:
    circle = make_circle()
    ash, birch = circle.ash, circle.birch
    asked = asking(circle, birch)
    yield Move("alumni.request_connection", ash, asked, tells={SIDE, CONSENT})
    yes = waiting(asked, birch) | {"consent": signed(KIND)}
    yield Move("alumni.accept_connection", birch, yes, tells=MADE)
    ends = {SIDE, CONSENT, "pair/pair", "pair/members"}
    yield Move("alumni.end_connection", ash, {"connection": asked["id"]}, tells=ends)


@story("alumni.request_connection", "alumni.decline_connection", "alumni.end_connection")
def a_request_is_declined_and_taken_back() -> Scene:
    circle = make_circle()
    ash, birch = circle.ash, circle.birch
    asked = asking(circle, birch)
    yield Move("alumni.request_connection", ash, asked, tells={SIDE, CONSENT})
    yield Move("alumni.decline_connection", birch, waiting(asked, birch), tells={SIDE})
    # Birch's no was silent; changing their mind, they ask, and Ash's yes still stands.
    crossing = asking(circle, ash)
    yield Move("alumni.request_connection", birch, crossing, tells=MADE)
    invitation = invite(circle.dana, circle.group, circle.records["cedar"])
    act(circle.cedar, "groups.join", joining(invitation, "Cedar"))
    asked = asking(circle, circle.cedar)
    yield Move("alumni.request_connection", ash, asked, tells={SIDE, CONSENT})
    back = {"connection": asked["id"]}
    yield Move("alumni.end_connection", ash, back, tells={SIDE, CONSENT})


@story("alumni.block_person", "alumni.unblock_person", "alumni.request_connection")
def somebody_wants_nothing_to_do_with_somebody() -> Scene:
    circle = make_circle()
    ash, birch = circle.ash, circle.birch
    blocking = {"card": circle.card(ash)}
    told = yield Move("alumni.block_person", birch, blocking, tells={BLOCK})
    # Ash is not told: their request stands on their own phone and nowhere else.
    asked = asking(circle, birch)
    yield Move("alumni.request_connection", ash, asked, tells={SIDE, CONSENT})
    yield Move("alumni.unblock_person", birch, told, tells={"person/-block"})
    yield Move("alumni.block_person", ash, {"card": circle.card(birch)}, tells={
        BLOCK, SIDE, CONSENT})  # fmt: skip


@story("alumni.block_person")
def a_block_ends_a_pair() -> Scene:
    circle = make_circle()
    _connect(circle)
    blocking = {"card": circle.card(circle.ash)}
    ends = {BLOCK, SIDE, CONSENT, "pair/pair", "pair/members"}
    yield Move("alumni.block_person", circle.birch, blocking, tells=ends)


@story("alumni.post_message", "alumni.edit_message", "alumni.withdraw_message", "alumni.mark_read")
def words_in_a_pair() -> Scene:
    circle = make_circle()
    pair, said, ash = _connect(circle), uuid7(), circle.ash
    tells, words = {"pair/message"}, {"pair": pair, "id": said, "text": "hello"}
    yield Move("alumni.post_message", ash, words, tells=tells)
    base = {f"message/{said}": seq(ash, pair, "message", said)}
    edited = {"message": said, "text": "hello you"}
    yield Move("alumni.edit_message", ash, edited, tells=tells, base=base)
    far = {"pair": pair, "seq": 3}
    yield Move("alumni.mark_read", circle.birch, far, tells={"person/read_marker"})
    yield Move("alumni.withdraw_message", ash, {"message": said}, tells=tells)


@story("privacy.revoke_consent")
def a_consent_is_taken_back() -> Scene:
    circle = make_circle()
    _connect(circle)
    given = {c["kind"]: c["id"] for c in consents(circle.ash)}
    ends = {SIDE, CONSENT, "pair/pair", "pair/members"}
    yield Move("privacy.revoke_consent", circle.ash, {"consent": given[KIND]}, tells=ends)
    out = {CONSENT, "group/member_card", "group/members"}
    own = {"consent": given["peer_group_visibility"]}
    yield Move("privacy.revoke_consent", circle.ash, own, tells=out)


@story(
    "alumni.draft_announcement",
    "alumni.announce",
    "alumni.deliver_announcement",
    "alumni.finish_announcement",
)
def all_alumni_hear_something() -> Scene:
    circle = make_circle()
    programme, dana = circle.programme, circle.dana
    coordinator = hire(programme, dana, "alumni_coordinator")
    alumna = user_of(admit(programme, dana, role="alumnus"))
    draft = {"id": uuid7(), "programme": programme.id, "text": {"en": "Picnic", "es": "Paseo"}}
    tells, of = {"staff/campaign"}, {"programme": programme.id, "campaign": draft["id"]}
    yield Move("alumni.draft_announcement", coordinator, draft, tells=tells)
    yield Move("alumni.announce", coordinator, {"campaign": draft["id"]}, tells=tells)
    to, inbox = of | {"user": alumna.id}, {"person/inbox_item"}
    yield Move("alumni.deliver_announcement", SYSTEM, to, tells=inbox)
    counted = of | {"reached": 1, "held_back": 0}
    yield Move("alumni.finish_announcement", SYSTEM, counted, tells=tells)


def _connect(circle: Circle) -> Any:
    """Ash and Birch are a pair; answers its id."""
    asked = asking(circle, circle.birch)
    act(circle.ash, "alumni.request_connection", asked)
    yes = waiting(asked, circle.birch) | {"consent": signed(KIND)}
    return (act(circle.birch, "alumni.accept_connection", yes).data or {})["pair"]


def consents(user: User) -> list[dict[str, Any]]:
    """Those of this person, as their phone has them."""
    with transaction.atomic():
        return seen(user, "consent")
