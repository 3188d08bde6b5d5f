"""Peer groups: joining, leaving, leading, writing, and the go-round."""

from __future__ import annotations

from typing import Any

from uuid_utils.compat import uuid7

from tests.cast import (
    WORDS,
    Circle,
    employ,
    invite,
    joining,
    make_circle,
    make_patient,
    seq,
    user_of,
)
from tests.contract.story import Move, Scene, story

CARD, CONSENT, INVITATION = "group/member_card", "care/consent", "person/group_invitation"
JOINED = {CARD, CONSENT, INVITATION, "group/members", "group/group"}


@story("groups.create", "groups.add_facilitator", "groups.step_back")
def a_group_is_opened_and_handed_over() -> Scene:
    circle = make_circle()
    dana, colleague = circle.dana, employ(circle.programme, "counsellor")
    group = uuid7()
    about = {"id": group, "programme": circle.programme.id, "name": "Friday", "alias": "Dana"}
    opened = {"group/group", "group/members", CARD}
    yield Move("groups.create", dana, about, tells=opened)
    joins = {"group": group, "colleague": colleague.id, "alias": "Sage"}
    tells = {CARD, "group/members"}
    yield Move("groups.add_facilitator", dana, joins, tells=tells)
    yield Move("groups.step_back", dana, {"group": group}, tells=tells)


@story("groups.invite_member", "groups.withdraw_invitation", "groups.decline_invitation")
def an_invitation_is_taken_back_and_declined() -> Scene:
    circle = make_circle()
    cleo, whom = circle.cleo, {"group": circle.group, "record": circle.records["cleo"].id}
    tells = {INVITATION}
    yield Move("groups.invite_member", circle.dana, whom | {"id": uuid7()}, tells=tells)
    yield Move("groups.withdraw_invitation", circle.dana, whom, tells=tells)
    invited = yield Move("groups.invite_member", circle.dana, whom | {"id": uuid7()}, tells=tells)
    declined = {"invitation": invited["group_invitation"]}
    yield Move("groups.decline_invitation", cleo, declined, tells=tells)


@story("groups.join", "groups.leave")
def a_member_joins_leaves_and_comes_back() -> Scene:
    circle = make_circle()
    cleo, record = circle.cleo, circle.records["cleo"]
    ended = {CARD, CONSENT, "group/members"}
    yield Move("groups.join", cleo, _in(circle, record, "Cleo"), tells=JOINED)
    yield Move("groups.leave", cleo, {"group": circle.group}, tells=ended)
    yield Move("groups.join", cleo, _in(circle, record, "Cleo tree"), tells=JOINED)


@story("groups.open_round", "groups.join")
def a_member_joins_during_a_go_round() -> Scene:
    circle = make_circle()
    elm = make_patient(circle.programme, circle.dana)
    current = {"id": uuid7(), "group": circle.group, "on_date": "2026-03-02"}
    yield Move("groups.open_round", circle.dana, current, tells={"group/round"})
    coming = _in(circle, elm, "Elm")
    yield Move("groups.join", user_of(elm), coming, tells=JOINED | {"group/round"})


@story("groups.remove_member")
def a_member_is_removed() -> Scene:
    circle = make_circle()
    out = {"card": circle.card(circle.ana)}
    tells = {CARD, CONSENT, "group/members"}
    yield Move("groups.remove_member", circle.dana, out, tells=tells)


@story("groups.post_message", "groups.edit_message", "groups.withdraw_message", "groups.mark_read")
def messages_in_a_group() -> Scene:
    circle = make_circle()
    ana, ben, message, tells = circle.ana, circle.ben, uuid7(), {"group/message"}
    post = {"group": circle.group, "id": message, "text": WORDS}
    yield Move("groups.post_message", ana, post, tells=tells)
    base = {f"message/{message}": seq(ana, circle.group, "message", message)}
    edited = {"message": message, "text": f"{WORDS}."}
    yield Move("groups.edit_message", ana, edited, tells=tells, base=base)
    reply = {"group": circle.group, "id": uuid7(), "text": "x" * 4000, "reply_to": message}
    yield Move("groups.post_message", ben, reply, tells=tells)
    position = {"group": circle.group, "seq": 7}
    yield Move("groups.mark_read", ben, position, tells={"person/read_marker"})
    yield Move("groups.mark_read", ben, position, because="the marker was there already")
    yield Move("groups.withdraw_message", ana, {"message": message}, tells=tells)


@story("groups.open_round", "groups.add_line", "groups.support_line", "groups.close_round")
def a_go_round() -> Scene:
    circle = make_circle()
    ana, ben, dana = circle.ana, circle.ben, circle.dana
    first, second, line = uuid7(), uuid7(), uuid7()
    tells, of = {"group/round"}, {"group": circle.group, "on_date": "2026-03-02"}
    yield Move("groups.open_round", dana, of | {"id": first}, tells=tells)
    entry = {"id": line, "round": first, "kind": "plan", "text": WORDS}
    yield Move("groups.add_line", ana, entry, tells={"group/round_line"})
    support = {"id": uuid7(), "line": line, "word": "with_you", "text": WORDS}
    yield Move("groups.support_line", ben, support, tells={"group/support"})
    # Opening a second go-round closes the first.
    yield Move("groups.open_round", dana, of | {"id": second}, tells=tells)
    yield Move("groups.close_round", dana, {"round": second}, tells=tells)


def _in(circle: Circle, record: Any, alias: str) -> dict[str, Any]:
    return joining(invite(circle.dana, circle.group, record), alias)
