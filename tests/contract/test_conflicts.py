"""What happens to a change from a phone with a stale document: recovery/feed/conflicts.py.

Two phones of one person change the same document, each from the version it last saw, and push one
after the other. Under every policy, replay is harmless and no text is lost.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from django.db import transaction

from clients.phone.cache import Document
from recovery.feed.conflicts import Policy
from recovery.feed.context import set_actor
from recovery.feed.documents import KINDS
from recovery.feed.models import Membership
from recovery.signin.models import User
from tests.cast import Circle, ReferencePhone, act, make_circle, scopes_of, signed
from tests.contract import exhibits  # noqa: F401  # registration
from tests.contract.cases import alumni
from tests.contract.exhibit import EXHIBITS, Exhibit
from tests.contract.observers import repair

ALL = sorted(EXHIBITS)
FIRST_STAYS = [
    kind
    for kind in ALL
    if KINDS[kind].conflict in (Policy.APPEND_ONLY, Policy.STEPS, Policy.FURTHEST_WINS)
]


@pytest.fixture
def exhibit(committed_db: None, kind: str) -> Exhibit:
    exhibit = EXHIBITS[kind]()
    repair()
    return exhibit


def phone_of(exhibit: Exhibit) -> ReferencePhone:
    return ReferencePhone(exhibit.user, pulled=True)


def find(phone: ReferencePhone, exhibit: Exhibit, kind: str) -> Document | None:
    return phone.answers.cache.find(exhibit.scope, kind, str(exhibit.id))


def now(exhibit: Exhibit, kind: str) -> Document:
    """The document as a phone that pulls now sees it."""
    document = find(phone_of(exhibit), exhibit, kind)
    assert document is not None
    return document


def change(phone: ReferencePhone, exhibit: Exhibit, kind: str, **more: Any) -> None:
    seen = find(phone, exhibit, kind)
    phone.do(exhibit.action, exhibit.wire(**more), *([seen] if seen else []))


def not_sent(phone: ReferencePhone) -> list[dict[str, Any]]:
    """The "not sent" box."""
    return [mutation.args for mutation in phone.answers.outbox.not_sent()]


def test_every_kind_that_phones_change_has_an_exhibit() -> None:
    changed = {kind.name for kind in KINDS.values() if kind.conflict is not Policy.SERVER_OWNED}
    # A pair ends with its connection.
    assert EXHIBITS.keys() == changed - {"pair"}


@pytest.mark.parametrize("kind", ALL)
def test_a_replay_is_harmless(exhibit: Exhibit, kind: str) -> None:
    """The answer is lost and the phone retries, first as itself and then as a copy."""
    phone = phone_of(exhibit)
    change(phone, exhibit, kind)
    [first] = phone.push(lose_answer=True)
    once = now(exhibit, kind)
    [again] = phone.push(lose_answer=True)
    phone.register()
    [copied] = phone.push()
    assert (first["status"], again["dup"], copied["dup"]) == ("applied", True, True)
    assert now(exhibit, kind) == once
    assert (phone.answers.outbox.pending(), not_sent(phone)) == ([], [])


@pytest.mark.parametrize("kind", FIRST_STAYS)
def test_the_first_change_stays(exhibit: Exhibit, kind: str) -> None:
    """A second phone that had not seen it changes nothing and keeps its refused text."""
    one, two = phone_of(exhibit), phone_of(exhibit)
    change(one, exhibit, kind)
    change(two, exhibit, kind, **exhibit.rival)
    assert one.push()[0]["status"] == "applied"
    first = now(exhibit, kind)
    [late] = two.push()
    assert now(exhibit, kind).body == first.body
    refused = late["status"] == "rejected"
    assert not_sent(two) == ([exhibit.wire(**exhibit.rival)] if refused else [])
    assert two.answers.outbox.pending() == []


@pytest.mark.parametrize("kind", ["message"])
def test_an_author_changes_only_what_they_last_saw(exhibit: Exhibit, kind: str) -> None:
    act(exhibit.user, exhibit.action, **exhibit.args)
    one, two, blind = (phone_of(exhibit) for _ in range(3))
    old = now(exhibit, kind)
    for phone, text in ((one, "once"), (two, "twice")):
        phone.do("groups.edit_message", {"message": str(exhibit.id), "text": text}, old)
    blind.do("groups.edit_message", {"message": str(exhibit.id), "text": "blindly"})
    assert one.push()[0]["status"] == "applied"
    for late, code in ((two, "conflict"), (blind, "base_required")):
        [result] = late.push()
        assert (result["code"], result["current"][3]["text"]) == (code, "once")
        assert len(not_sent(late)) == 1
    two.pull()
    two.do("groups.edit_message", not_sent(two)[0], now(exhibit, kind))
    assert two.push()[0]["status"] == "applied"
    assert now(exhibit, kind)["text"] == "twice"


@pytest.mark.parametrize("kind", ["check_in"])
def test_the_last_write_wins_per_field_until_the_check_in_is_signed(
    exhibit: Exhibit, kind: str
) -> None:
    one, two, late = (phone_of(exhibit) for _ in range(3))
    change(one, exhibit, kind, plan="Rest")
    change(two, exhibit, kind, **exhibit.rival)
    assert [one.push()[0]["status"], two.push()[0]["status"]] == ["applied", "applied"]
    day = now(exhibit, kind)
    assert (day["plan"], day["success"], day["mood"]) == ("Rest", "Walked", 4)
    act(_clinician(exhibit), "practice.sign_check_in", check_in=exhibit.id)
    change(late, exhibit, kind, success="Too late, but mine")
    [result] = late.push()
    assert (result["code"], result["current"][3]["success"]) == ("locked", "Walked")
    assert not_sent(late)[0]["success"] == "Too late, but mine"


@pytest.mark.parametrize("kind", ["reminder_preferences"])
def test_only_fields_that_another_phone_changed_are_in_conflict(
    exhibit: Exhibit, kind: str
) -> None:
    one, two, three, four = (phone_of(exhibit) for _ in range(4))
    old = now(exhibit, kind)
    change(one, exhibit, kind)
    change(two, exhibit, kind, **exhibit.rival)
    night = {"quiet_start": "21:00", "quiet_end": "06:00"}
    three.do(exhibit.action, night, old)
    change(four, exhibit, kind)  # the same value as the first phone's
    assert one.push()[0]["status"] == "applied"
    [result] = two.push()
    assert (result["code"], result["current"][3]["lead_minutes"]) == ("conflict", [45])
    assert not_sent(two) == [exhibit.wire(**exhibit.rival)]
    assert [three.push()[0]["status"], four.push()[0]["status"]] == ["applied", "applied"]
    document = now(exhibit, kind)
    assert (document["lead_minutes"], document["quiet_start"]) == ([45], "21:00:00")
    two.pull()
    change(two, exhibit, kind, **exhibit.rival)
    assert two.push()[0]["status"] == "applied"


@pytest.mark.parametrize("first", ["the yes", "the block"])
@pytest.mark.parametrize("by", ["who asked", "who was asked"])
def test_a_block_wins_whenever_it_arrives(committed_db: None, first: str, by: str) -> None:
    """The block waits on an offline phone. Another phone, perhaps another person's, accepts."""
    circle = make_circle()
    request = alumni.request_to(circle, circle.ben)
    act(circle.ana, "alumni.request_connection", **request)
    repair()
    accepting, blocking = ReferencePhone(circle.ben), ReferencePhone(_blocker(circle, by))
    accept = alumni.side_of(request, circle.ben) | {"consent": signed(alumni.KIND)}
    accepting.do("alumni.accept_connection", _plain(accept))
    other = circle.ben if by == "who asked" else circle.ana
    blocking.do("alumni.block_person", {"card": circle.card(other)})
    order = (accepting, blocking) if first == "the yes" else (blocking, accepting)
    results = {id(phone): phone.push()[0] for phone in order}
    assert results[id(blocking)]["status"] == "applied"
    assert results[id(accepting)]["status"] == ("applied" if first == "the yes" else "rejected")
    assert _pairs(circle) == []
    assert len(not_sent(accepting)) == (first == "the block")


def _blocker(circle: Circle, by: str) -> Any:
    return circle.ana if by == "who asked" else circle.ben


def _pairs(circle: Circle) -> list[str]:
    kinds = scopes_of(circle.ana) + scopes_of(circle.ben)
    return [kind for kind in kinds if kind == "pair"]


def _plain(args: dict[str, Any]) -> dict[str, Any]:
    return {name: str(value) if isinstance(value, UUID) else value for name, value in args.items()}


def _clinician(exhibit: Exhibit) -> Any:
    """The clinician in the care team of the record."""
    with transaction.atomic():
        set_actor(exhibit.user.id)
        team = Membership.objects.filter(scope_id=exhibit.scope.partition(":")[2], role="clinician")
        return User.objects.get(id=team.get().user_id)
