"""What happens to a change by a phone that did not have the latest: recovery/feed/conflicts.py.

Two phones of one person change the same document, each as it last saw it, and push the changes one
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
from tests.cast import Circle, act, make_circle, scopes_of, signed
from tests.contract import exhibits  # noqa: F401  # registration
from tests.contract.cases import alumni
from tests.contract.exhibit import EXHIBITS, Exhibit
from tests.contract.handset import Handset
from tests.contract.house import repair

ALL = sorted(EXHIBITS)
FIRST_STAYS = [
    kind
    for kind in ALL
    if KINDS[kind].conflict in (Policy.APPEND_ONLY, Policy.STEPS, Policy.FURTHEST_WINS)
]


@pytest.fixture
def shown(committed_db: None, kind: str) -> Exhibit:
    made = EXHIBITS[kind]()
    repair()
    return made


def phone_of(shown: Exhibit) -> Handset:
    phone = Handset(shown.user)
    phone.pull()
    return phone


def found(phone: Handset, shown: Exhibit, kind: str) -> Document | None:
    return phone.answers.cache.find(shown.scope, kind, str(shown.id))


def now(shown: Exhibit, kind: str) -> Document:
    """The document as a phone that pulls now has it."""
    document = found(phone_of(shown), shown, kind)
    assert document is not None
    return document


def does(phone: Handset, shown: Exhibit, kind: str, **more: Any) -> None:
    seen = found(phone, shown, kind)
    phone.do(shown.action, shown.wire(**more), *([seen] if seen else []))


def kept(phone: Handset) -> list[dict[str, Any]]:
    """The "not sent" box."""
    return [mutation.args for mutation in phone.answers.outbox.not_sent()]


def test_every_kind_that_phones_change_is_exhibited() -> None:
    changed = {kind.name for kind in KINDS.values() if kind.conflict is not Policy.SERVER_OWNED}
    # A pair ends with its connection.
    assert EXHIBITS.keys() == changed - {"pair"}


@pytest.mark.parametrize("kind", ALL)
def test_the_same_again_is_harmless(shown: Exhibit, kind: str) -> None:
    """The answer is lost, and the phone asks again: as itself, and as a copy of itself."""
    phone = phone_of(shown)
    does(phone, shown, kind)
    [first] = phone.push(lose_answer=True)
    once = now(shown, kind)
    [again] = phone.push(lose_answer=True)
    phone.renumber()
    [copied] = phone.push()
    assert (first["status"], again["dup"], copied["dup"]) == ("applied", True, True)
    assert now(shown, kind) == once
    assert (phone.answers.outbox.pending(), kept(phone)) == ([], [])


@pytest.mark.parametrize("kind", FIRST_STAYS)
def test_what_was_said_first_stays(shown: Exhibit, kind: str) -> None:
    """A second phone that did not know of it changes nothing; refused words stay with it."""
    one, two = phone_of(shown), phone_of(shown)
    does(one, shown, kind)
    does(two, shown, kind, **shown.rival)
    assert one.push()[0]["status"] == "applied"
    first = now(shown, kind)
    [late] = two.push()
    assert now(shown, kind).body == first.body
    refused = late["status"] == "rejected"
    assert kept(two) == ([shown.wire(**shown.rival)] if refused else [])
    assert two.answers.outbox.pending() == []


@pytest.mark.parametrize("kind", ["message"])
def test_an_author_changes_only_what_they_last_saw(shown: Exhibit, kind: str) -> None:
    act(shown.user, shown.action, **shown.args)
    one, two, blind = (phone_of(shown) for _ in range(3))
    old = now(shown, kind)
    for phone, text in ((one, "once"), (two, "twice")):
        phone.do("groups.edit_message", {"message": str(shown.id), "text": text}, old)
    blind.do("groups.edit_message", {"message": str(shown.id), "text": "blindly"})
    assert one.push()[0]["status"] == "applied"
    for late in (two, blind):
        [result] = late.push()
        assert (result["code"], result["current"][3]["text"]) == ("conflict", "once")
        assert len(kept(late)) == 1
    two.pull()
    two.do("groups.edit_message", kept(two)[0], now(shown, kind))
    assert two.push()[0]["status"] == "applied"
    assert now(shown, kind)["text"] == "twice"


@pytest.mark.parametrize("kind", ["check_in"])
def test_of_two_phones_each_field_is_the_last_ones_until_it_is_signed(
    shown: Exhibit, kind: str
) -> None:
    one, two, late = (phone_of(shown) for _ in range(3))
    does(one, shown, kind, plan="Rest")
    does(two, shown, kind, **shown.rival)
    assert [one.push()[0]["status"], two.push()[0]["status"]] == ["applied", "applied"]
    day = now(shown, kind)
    assert (day["plan"], day["success"], day["mood"]) == ("Rest", "Walked", 4)
    act(_clinician(shown), "practice.sign_check_in", check_in=shown.id)
    does(late, shown, kind, success="Too late, but mine")
    [result] = late.push()
    assert (result["code"], result["current"][3]["success"]) == ("locked", "Walked")
    assert kept(late)[0]["success"] == "Too late, but mine"


@pytest.mark.parametrize("kind", ["reminder_preferences"])
def test_fields_that_another_phone_changed_are_in_conflict_and_no_others(
    shown: Exhibit, kind: str
) -> None:
    one, two, three, four = (phone_of(shown) for _ in range(4))
    old = now(shown, kind)
    does(one, shown, kind)
    does(two, shown, kind, **shown.rival)
    night = {"quiet_start": "21:00", "quiet_end": "06:00"}
    three.do(shown.action, night, old)
    does(four, shown, kind)  # the same wish as the first phone's
    assert one.push()[0]["status"] == "applied"
    [result] = two.push()
    assert (result["code"], result["current"][3]["lead_minutes"]) == ("conflict", [45])
    assert kept(two) == [shown.wire(**shown.rival)]
    assert [three.push()[0]["status"], four.push()[0]["status"]] == ["applied", "applied"]
    document = now(shown, kind)
    assert (document["lead_minutes"], document["quiet_start"]) == ([45], "21:00:00")
    two.pull()
    does(two, shown, kind, **shown.rival)
    assert two.push()[0]["status"] == "applied"


@pytest.mark.parametrize("first", ["the yes", "the block"])
@pytest.mark.parametrize("by", ["who asked", "who was asked"])
def test_a_block_wins_whenever_it_arrives(committed_db: None, first: str, by: str) -> None:
    """It was said on a phone without network; the yes on another, by the same person or not."""
    circle = make_circle()
    asked = alumni.asking(circle, circle.ben)
    act(circle.ana, "alumni.request_connection", **asked)
    repair()
    yes, blocks = Handset(circle.ben), Handset(_blocker(circle, by))
    accept = alumni.waiting(asked, circle.ben) | {"consent": signed(alumni.KIND)}
    yes.do("alumni.accept_connection", _plain(accept))
    other = circle.ben if by == "who asked" else circle.ana
    blocks.do("alumni.block_person", {"card": circle.card(other)})
    order = (yes, blocks) if first == "the yes" else (blocks, yes)
    results = {id(phone): phone.push()[0] for phone in order}
    assert results[id(blocks)]["status"] == "applied"
    assert results[id(yes)]["status"] == ("applied" if first == "the yes" else "rejected")
    assert _pairs(circle) == []
    assert len(kept(yes)) == (first == "the block")


def _blocker(circle: Circle, by: str) -> Any:
    return circle.ana if by == "who asked" else circle.ben


def _pairs(circle: Circle) -> list[str]:
    with transaction.atomic():
        kinds = scopes_of(circle.ana) + scopes_of(circle.ben)
        return [kind for kind in kinds if kind == "pair"]


def _plain(args: dict[str, Any]) -> dict[str, Any]:
    return {name: str(value) if isinstance(value, UUID) else value for name, value in args.items()}


def _clinician(shown: Exhibit) -> Any:
    """Of the care team whose record it is."""
    with transaction.atomic():
        set_actor(shown.user.id)
        team = Membership.objects.filter(scope_id=shown.scope.partition(":")[2], role="clinician")
        return User.objects.get(id=team.get().user_id)
