"""Connections between two people, and announcements to all alumni."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from uuid_utils.compat import uuid7

from recovery.actions import SYSTEM
from recovery.alumni.models import Connection
from recovery.signin.models import User
from tests.cast import (
    WORDS,
    Circle,
    act,
    documents,
    employ,
    invite,
    joining,
    make_circle,
    make_patient,
    seq,
    signed,
    user_of,
)
from tests.contract.story import Move, Scene, story

KIND = "peer_pair_visibility"
SIDE, CONSENT, BLOCK = "person/connection", "care/consent", "person/block"
MADE = {SIDE, CONSENT, "pair/pair", "pair/member_card", "pair/members"}


def request_to(circle: Circle, whom: User) -> dict[str, Any]:
    return {"id": uuid7(), "card": circle.card(whom), "consent": signed(KIND)}


def side_of(request: dict[str, Any], whom: User) -> dict[str, Any]:
    """The recipient's side of the connection."""
    return {"connection": Connection.id_of(request["id"], whom.id)}


@story("alumni.request_connection", "alumni.accept_connection", "alumni.end_connection")
def two_people_connect_and_part() -> Scene:
    circle = make_circle()
    ana, ben = circle.ana, circle.ben
    request = request_to(circle, ben)
    yield Move("alumni.request_connection", ana, request, tells={SIDE, CONSENT})
    acceptance = side_of(request, ben) | {"consent": signed(KIND)}
    yield Move("alumni.accept_connection", ben, acceptance, tells=MADE)
    ends = {SIDE, CONSENT, "pair/pair", "pair/members"}
    yield Move("alumni.end_connection", ana, {"connection": request["id"]}, tells=ends)


@story("alumni.request_connection", "alumni.decline_connection", "alumni.end_connection")
def a_request_is_declined_and_taken_back() -> Scene:
    circle = make_circle()
    ana, ben = circle.ana, circle.ben
    request = request_to(circle, ben)
    yield Move("alumni.request_connection", ana, request, tells={SIDE, CONSENT})
    yield Move("alumni.decline_connection", ben, side_of(request, ben), tells={SIDE})
    # Ana is not notified of the decline. When Ben then requests the same, Ana's request counts
    # as acceptance.
    crossing = request_to(circle, ana)
    yield Move("alumni.request_connection", ben, crossing, tells=MADE)
    invitation = invite(circle.dana, circle.group, circle.records["cleo"])
    act(circle.cleo, "groups.join", **joining(invitation, "Cleo"))
    request = request_to(circle, circle.cleo)
    yield Move("alumni.request_connection", ana, request, tells={SIDE, CONSENT})
    back = {"connection": request["id"]}
    yield Move("alumni.end_connection", ana, back, tells={SIDE, CONSENT})


@story("alumni.block_person", "alumni.unblock_person", "alumni.request_connection")
def a_person_is_blocked_and_unblocked() -> Scene:
    circle = make_circle()
    ana, ben = circle.ana, circle.ben
    blocking = {"card": circle.card(ana)}
    block = yield Move("alumni.block_person", ben, blocking, tells={BLOCK})
    # Ana is not notified. Their request is on their own phone and nowhere else.
    request = request_to(circle, ben)
    yield Move("alumni.request_connection", ana, request, tells={SIDE, CONSENT})
    yield Move("alumni.unblock_person", ben, block, tells={"person/-block"})
    yield Move("alumni.block_person", ana, {"card": circle.card(ben)}, tells={
        BLOCK, SIDE, CONSENT})  # fmt: skip


@story("alumni.block_person")
def a_block_ends_a_pair() -> Scene:
    circle = make_circle()
    _connect(circle)
    blocking = {"card": circle.card(circle.ana)}
    ends = {BLOCK, SIDE, CONSENT, "pair/pair", "pair/members"}
    yield Move("alumni.block_person", circle.ben, blocking, tells=ends)


@story("alumni.post_message", "alumni.edit_message", "alumni.withdraw_message", "alumni.mark_read")
def messages_in_a_pair() -> Scene:
    circle = make_circle()
    pair, message, ana = _connect(circle), uuid7(), circle.ana
    tells, post = {"pair/message"}, {"pair": pair, "id": message, "text": WORDS}
    yield Move("alumni.post_message", ana, post, tells=tells)
    base = {f"message/{message}": seq(ana, pair, "message", message)}
    edited = {"message": message, "text": f"{WORDS}."}
    yield Move("alumni.edit_message", ana, edited, tells=tells, base=base)
    position = {"pair": pair, "seq": 3}
    yield Move("alumni.mark_read", circle.ben, position, tells={"person/read_marker"})
    yield Move("alumni.withdraw_message", ana, {"message": message}, tells=tells)


@story("privacy.revoke_consent")
def a_consent_is_taken_back() -> Scene:
    circle = make_circle()
    _connect(circle)
    ids = {c["kind"]: c["id"] for c in consents(circle.ana)}
    ends = {SIDE, CONSENT, "pair/pair", "pair/members"}
    yield Move("privacy.revoke_consent", circle.ana, {"consent": ids[KIND]}, tells=ends)
    out = {CONSENT, "group/member_card", "group/members"}
    own = {"consent": ids["peer_group_visibility"]}
    yield Move("privacy.revoke_consent", circle.ana, own, tells=out)


@story(
    "alumni.draft_announcement",
    "alumni.change_announcement",
    "alumni.announce",
    "alumni.count_announcement",
    "alumni.deliver_announcement",
    "alumni.finish_announcement",
)
def an_announcement_reaches_all_alumni() -> Scene:
    circle = make_circle()
    programme, dana = circle.programme, circle.dana
    coordinator = employ(programme, "alumni_coordinator")
    alumna = user_of(make_patient(programme, dana, role="alumnus"))
    draft = {"id": uuid7(), "programme": programme.id, "text": {"en": "Picnic", "es": "Paseo"}}
    tells, of = {"staff/campaign"}, {"programme": programme.id, "campaign": draft["id"]}
    yield Move("alumni.draft_announcement", coordinator, draft, tells=tells)
    rewritten = {"campaign": draft["id"], "text": {"en": "Picnic", "es": "Picnic"}}
    yield Move("alumni.change_announcement", coordinator, rewritten, tells=tells)
    yield Move("alumni.announce", coordinator, {"campaign": draft["id"]}, tells=tells)
    opened_one = of | {"planned": 1, "reached": 0, "held_back": 0}
    yield Move("alumni.count_announcement", SYSTEM, opened_one, tells=tells)
    to, inbox = of | {"user": alumna.id}, {"person/inbox_item"}
    yield Move("alumni.deliver_announcement", SYSTEM, to, tells=inbox)
    counted = of | {"reached": 1, "held_back": 0}
    yield Move("alumni.finish_announcement", SYSTEM, counted, tells=tells)


@story("alumni.draft_announcement", "alumni.announce", "alumni.stop_announcement")
def an_announcement_is_stopped() -> Scene:
    circle = make_circle()
    coordinator = employ(circle.programme, "alumni_coordinator")
    text = {"en": "Picnic", "es": "Paseo"}
    draft = {"id": uuid7(), "programme": circle.programme.id, "text": text}
    tells, it = {"staff/campaign"}, {"campaign": draft["id"]}
    yield Move("alumni.draft_announcement", coordinator, draft, tells=tells)
    yield Move("alumni.announce", coordinator, it, tells=tells)
    yield Move("alumni.stop_announcement", coordinator, it, tells=tells)


def _connect(circle: Circle) -> Any:
    """Make Ana and Ben a pair. Returns its id."""
    request = request_to(circle, circle.ben)
    act(circle.ana, "alumni.request_connection", **request)
    acceptance = side_of(request, circle.ben) | {"consent": signed(KIND)}
    return (act(circle.ben, "alumni.accept_connection", **acceptance).data or {})["pair"]


def consents(user: User) -> list[dict[str, Any]]:
    """The user's consents as their phone has them."""
    with transaction.atomic():
        return documents(user, "consent")
