"""Peer groups: coming in, going, leading, writing, and the go-round."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from uuid_utils.compat import uuid7

from recovery.feed.context import set_actor
from recovery.feed.models import FeedEntry
from recovery.signin.models import User
from tests.contract.story import Move, Scene, story
from tests.factories.peers import Circle, admit, hire, invite, joining, make_circle, user_of

CARD, CONSENT, INVITATION = "group/member_card", "care/consent", "person/group_invitation"
JOINED = {CARD, CONSENT, INVITATION, "group/members", "group/group"}


def seq(reader: User, scope: Any, kind: str, id_: Any) -> int:
    """Under which number a document was last published."""
    with transaction.atomic():
        set_actor(reader.id)
        return FeedEntry.objects.get(scope_id=scope, kind=kind, object_id=id_).seq


@story("groups.create", "groups.add_facilitator", "groups.step_back")
def a_group_is_opened_and_handed_over() -> Scene:
    circle = make_circle()
    dana, colleague = circle.dana, hire(circle.programme, circle.dana, "counsellor")
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
    cedar, whom = circle.cedar, {"group": circle.group, "record": circle.records["cedar"].id}
    tells = {INVITATION}
    yield Move("groups.invite_member", circle.dana, whom | {"id": uuid7()}, tells=tells)
    yield Move("groups.withdraw_invitation", circle.dana, whom, tells=tells)
    told = yield Move("groups.invite_member", circle.dana, whom | {"id": uuid7()}, tells=tells)
    no = {"invitation": told["group_invitation"]}
    yield Move("groups.decline_invitation", cedar, no, tells=tells)


@story("groups.join", "groups.leave")
def somebody_joins_leaves_and_comes_back() -> Scene:
    circle = make_circle()
    cedar, record = circle.cedar, circle.records["cedar"]
    gone = {CARD, CONSENT, "group/members"}
    yield Move("groups.join", cedar, _in(circle, record, "Cedar"), tells=JOINED)
    yield Move("groups.leave", cedar, {"group": circle.group}, tells=gone)
    yield Move("groups.join", cedar, _in(circle, record, "Cedar tree"), tells=JOINED)


@story("groups.open_round", "groups.join")
def somebody_joins_while_a_round_runs() -> Scene:
    circle = make_circle()
    elm = admit(circle.programme, circle.dana)
    current = {"id": uuid7(), "group": circle.group, "on_date": "2026-03-02"}
    yield Move("groups.open_round", circle.dana, current, tells={"group/round"})
    coming = _in(circle, elm, "Elm")
    yield Move("groups.join", user_of(elm), coming, tells=JOINED | {"group/round"})


@story("groups.remove_member")
def a_member_is_taken_out() -> Scene:
    circle = make_circle()
    out = {"card": circle.card(circle.ash)}
    tells = {CARD, CONSENT, "group/members"}
    yield Move("groups.remove_member", circle.dana, out, tells=tells)


@story("groups.post_message", "groups.edit_message", "groups.withdraw_message", "groups.mark_read")
def words_in_a_group() -> Scene:
    circle = make_circle()
    ash, birch, said, tells = circle.ash, circle.birch, uuid7(), {"group/message"}
    words = {"group": circle.group, "id": said, "text": "canary"}
    yield Move("groups.post_message", ash, words, tells=tells)
    base = {f"message/{said}": seq(ash, circle.group, "message", said)}
    edited = {"message": said, "text": "a small canary"}
    yield Move("groups.edit_message", ash, edited, tells=tells, base=base)
    reply = {"group": circle.group, "id": uuid7(), "text": "x" * 4000, "reply_to": said}
    yield Move("groups.post_message", birch, reply, tells=tells)
    far = {"group": circle.group, "seq": 7}
    yield Move("groups.mark_read", birch, far, tells={"person/read_marker"})
    yield Move("groups.mark_read", birch, far, because="the marker was there already")
    yield Move("groups.withdraw_message", ash, {"message": said}, tells=tells)


@story("groups.open_round", "groups.add_line", "groups.support_line", "groups.close_round")
def a_go_round() -> Scene:
    circle = make_circle()
    ash, birch, dana = circle.ash, circle.birch, circle.dana
    first, second, line = uuid7(), uuid7(), uuid7()
    tells, of = {"group/round"}, {"group": circle.group, "on_date": "2026-03-02"}
    yield Move("groups.open_round", dana, of | {"id": first}, tells=tells)
    said = {"id": line, "round": first, "kind": "plan", "text": "Walk"}
    yield Move("groups.add_line", ash, said, tells={"group/round_line"})
    support = {"id": uuid7(), "line": line, "word": "with_you", "text": "Yes"}
    yield Move("groups.support_line", birch, support, tells={"group/support"})
    # The one that runs ends with it.
    yield Move("groups.open_round", dana, of | {"id": second}, tells=tells)
    yield Move("groups.close_round", dana, {"round": second}, tells=tells)


def _in(circle: Circle, record: Any, alias: str) -> dict[str, Any]:
    return joining(invite(circle.dana, circle.group, record), alias)
