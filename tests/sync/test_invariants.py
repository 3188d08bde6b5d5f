"""The invariants by number, each tested where it is hardest to keep. See README.md."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from uuid_utils.compat import uuid7

from clients.phone.errors import Problem
from recovery.api.sync.quarantine import TRIES
from tests.sync import plays
from tests.sync.actions import WRITE
from tests.sync.house import House, Person
from tests.sync.play import Play, Stage, Step

PULL, PUSH = "/api/v1/sync/pull", "/api/v1/sync/push"


@pytest.fixture
def play(stage: Stage) -> Any:
    play = Play(stage)
    yield play
    play.close()


def pull(house: House, person: Person, client_id: str, cursor: Any, **more: Any) -> dict[str, Any]:
    body = {"client_id": client_id, "schema": 1, "cursor": cursor}
    return house.ask(person, PULL, body | more)


def push(
    house: House, person: Person, client_id: str, *mutations: tuple[int, str, Any], **more: Any
) -> dict[str, Any]:
    queue = [
        {"id": id_, "uuid": key, "action": WRITE, "v": 1, "args": args}
        for id_, key, args in mutations
    ]
    return house.ask(person, PUSH, {"client_id": client_id, "mutations": queue} | more)


def cursor_after(page: dict[str, Any]) -> dict[str, Any]:
    positions = {scope["scope"]: scope["pos"] for scope in page["scopes"]}
    return {"epoch": page["epoch"], "scopes": positions}


def steps(play: Play, play_steps: list[Step]) -> None:
    for name, *arguments in play_steps:
        play.step(name, *arguments)


PLAYS = [name for name, value in vars(plays).items() if name.isupper() and isinstance(value, list)]


@pytest.mark.parametrize("name", PLAYS)
def test_i01_phones_and_server_converge(stage: Stage, name: str) -> None:
    stage.play(getattr(plays, name))


def test_i02_a_phone_holds_the_snapshot_despite_writes_between_its_pages(
    stage: Stage,
) -> None:
    """The play compares inside the transaction that stores the last page."""
    opening: list[Step] = [
        ("write", "ana", plays.A),
        ("write", "ana", plays.B),
        ("start", "ana1", "all", 1),
    ]
    between: list[Step] = [
        ("deliver", "ana1", 0),
        ("write", "ana", plays.A, plays.GROUP_A),
        ("write", "ana", plays.A_DELETED),
        ("collect", "ana", 100),
    ]
    stage.play([*opening, *between * 6, ("calm", "ana1")])


def test_i05_every_mutation_takes_effect_once_whatever_is_lost_or_copied(stage: Stage) -> None:
    """Both answers are lost. Then the phone and its clone push the same mutations."""
    play = stage.play(
        [
            *plays.ANSWER_LOST,
            ("photograph", "ana1"),
            ("clone", "ana1"),
            ("start", "clone", "all", 500),
            ("start", "ana1", "urgent", 500),
            ("deliver", "clone", 0),
            ("deliver", "clone", 0),
            ("lose", "clone", 0),
            ("restore",),
        ]
    )
    queued = {key for queue in play.truth.queues.values() for key in queue}
    assert queued == play.truth.now.done


def test_i06_every_retry_has_the_first_result(play: Play) -> None:
    """Applied, refused with the document and refused without it; also from another client id."""
    house, ana = play.house, play.people["ana"]
    play.step("write", "ana", plays.A)
    one, other = house.new_client(ana), house.new_client(ana)
    fates = [("applied", plays.B), ("refused", plays.A), ("refused", plays.GROUP_A)]
    queue = [
        (n, str(uuid7()), play._written([change], fate))
        for n, (fate, change) in enumerate(fates, start=1)
    ]
    first = push(house, ana, one, *queue)["results"]
    assert [result["status"] for result in first] == ["applied", "rejected", "rejected"]
    assert first[1]["current"][0] == "member_card"
    for client_id in (one, other, one):
        again = push(house, ana, client_id, *queue)["results"]
        assert again == [result | {"dup": True} for result in first]


def test_i08_nothing_reaches_a_former_member_even_if_all_control_messages_are_lost(
    play: Play,
) -> None:
    """Not by frame, heartbeat, pull, result or digest. Only words from before are sent."""
    steps(play, [*plays.CONTROL_LOST, ("beat",), ("write", "ana", plays.GROUP_B)])
    steps(play, [("do", "ben1", "refused", "main", plays.GROUP_A), ("hints", "user")])
    frames = [json.loads(frame) for frame in play.phones["ben1"].frames if frame]
    assert [frame["t"] for frame in frames].count("c") == 0
    steps(play, [("upgrade", "ben1"), ("sync", "ben1", 500), ("sync", "ben1", 500)])
    [refused] = play.phones["ben1"].answers.outbox.not_sent()
    assert (refused.result or {}).keys() == {"id", "uuid", "status", "code", "problem"}
    play.end()


def test_i08_earlier_messages_do_not_reach_a_new_member(stage: Stage) -> None:
    stage.play(plays.POSTED_BEFORE_BEN_JOINED)


@pytest.mark.parametrize("back", [False, True])
def test_i09_the_first_pull_after_a_revocation_reports_it(play: Play, back: bool) -> None:
    """Even if the person is a member again by then."""
    house, ben = play.house, play.people["ben"]
    steps(play, [("write", "ana", plays.GROUP_A)])
    client_id = house.new_client(ben)
    cursor = cursor_after(pull(house, ben, client_id, {}))
    steps(play, [("let_out", "ben", "group"), *[("let_in", "ben", "group", True)] * back])
    page = pull(house, ben, client_id, cursor)
    dropped = [drop["scope"] for drop in page["drop"]]
    purged = [scope["scope"] for scope in page["scopes"] if scope["reset"] == "purge"]
    group = [play.world.name("group")]
    assert (dropped, purged) == (([], group) if back else (group, []))
    assert all(scope["put"] == [] for scope in page["scopes"] if scope["scope"] in purged)


@pytest.mark.parametrize(
    "trouble",
    [
        plays.QUEUED_DURING_A_RESET,
        plays.ROLLED_BACK,  # client_forked
        plays.MUTATION_AFTER_RESTORE,  # mutation_gap, then client_unknown
        [("back_up",), ("sync", "ana1", 500), ("restore",), *plays.ANSWER_LOST[1:]],
    ],
)
def test_i10_no_reset_and_no_refusal_touches_the_outbox(stage: Stage, trouble: list[Step]) -> None:
    """Every mutation is on the phone at the end, applied or refused by the server."""
    play = stage.play(trouble)
    assert any(phone.queued for phone in play.phones.values())


def test_i11_numbers_never_go_backwards(stage: Stage) -> None:
    """With a late answer, a duplicate frame and an old one. Checked after every local commit."""
    again: list[Step] = [
        ("hints", "none"),
        ("read", "ana1", 0, "again"),
        ("read", "ana1", 1, "once"),
    ]
    stage.play([*plays.LATE_ANSWER, ("connect", "ana1"), *[("write", "ana", plays.A), *again] * 3])


def test_i12_paging_ends_despite_writes_and_collections(play: Play) -> None:
    """Rows are written, deleted and collected after each of the first pages."""
    house, ana, writes, rows, limit = play.house, play.people["ana"], 12, 8, 2
    for key in "abcdefgh":
        play.step("write", "ana", ("ana", key, True))
    client_id, cursor, pages = house.new_client(ana), {}, 0
    while True:
        page = pull(house, ana, client_id, cursor, limit=limit)
        known = cursor.get("scopes", {})
        cursor = {"epoch": page["epoch"], "scopes": known | cursor_after(page)["scopes"]}
        pages += 1
        if not page["has_more"]:
            break
        if pages <= writes:
            play.step("write", "ana", ("ana", "abcdefgh"[pages % 8], pages % 2 == 0))
            play.step("collect", "ana", 100)
    assert pages <= rows / limit + writes + 2


ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.text(max_size=5),
    st.floats(allow_nan=False),
)
GRANTS = st.one_of(ODD, st.sampled_from(["1.1", "2.1", "1", ".", "1.1.1", "\x00", "'"]))
POSITIONS = st.one_of(ODD, st.lists(ODD, max_size=4), st.tuples(ODD, ODD, GRANTS).map(list))
NAMES = st.sampled_from(["ana", "ben", "group", "program"])
ODD_CURSORS = st.one_of(
    ODD,
    st.dictionaries(st.text(max_size=3), ODD, max_size=2),
    st.fixed_dictionaries(
        {
            "epoch": st.one_of(ODD, st.just("now")),
            "scopes": st.one_of(ODD, st.dictionaries(st.one_of(NAMES, st.text()), POSITIONS)),
        }
    ),
)


def test_i13_any_cursor_is_answered_with_what_the_person_may_see(play: Play) -> None:
    """Garbage, other people's scopes and impossible seqs get a 200 without a leak. A scope of
    the person's own with an invalid position is reset."""
    house, ana = play.house, play.people["ana"]
    steps(play, [("write", "ben", ("group", "a", True)), ("write", "ana", plays.A)])
    client_id = house.new_client(ana)
    epoch = pull(house, ana, client_id, {})["epoch"]

    @settings(max_examples=60, deadline=None, database=None, derandomize=True)
    @given(cursor=ODD_CURSORS)
    def answered(cursor: Any) -> None:
        try:
            page = pull(house, ana, client_id, _named(play, cursor, epoch))
        except Problem as refusal:
            # One that no server has sent is refused, with the part that is wrong.
            if refusal.body["errors"].keys() != {"cursor"}:
                raise
            return
        play.truth.no_leak(ana.id, json.dumps(page))
        mine = {play.world.name(scope) for scope in ("ana", "group", "program")}
        parts = {scope["scope"]: scope for scope in page["scopes"]}
        assert parts.keys() <= mine
        assert mine.isdisjoint(drop["scope"] for drop in page["drop"])
        for name, scope in parts.items():
            if scope["reset"]:
                visible = play.truth.now.scopes[UUID(name.partition(":")[2])].visible_to(ana.id)
                assert {key: seq for _, key, seq, _ in scope["put"]} == {
                    key: seq for key, (seq, _) in visible.items()
                }

    answered()


def _named(play: Play, cursor: Any, epoch: str) -> Any:
    """The cursor with this world's scope names and epoch in place of the short ones."""
    if not isinstance(cursor, dict):
        return cursor
    now = {"epoch": epoch} if cursor.get("epoch") == "now" else {}
    scopes = cursor.get("scopes")
    if isinstance(scopes, dict):
        names = {name: play.world.name(name) for name in ("ana", "ben", "group", "program")}
        now["scopes"] = {names.get(name, name): position for name, position in scopes.items()}
    return cursor | now


@pytest.mark.parametrize("whose", ["another person's", "another epoch's", "the future's"])
def test_i13_a_foreign_cursor_gets_a_correct_answer(play: Play, whose: str) -> None:
    house, ana, ben = play.house, play.people["ana"], play.people["ben"]
    steps(
        play,
        [
            ("write", "ana", plays.A),
            ("write", "ana", plays.GROUP_A),
            ("let_in", "ana", "group", False),
        ],
    )
    client_id, other = house.new_client(ana), house.new_client(ben)
    page = pull(house, ana, client_id, {})
    cursor = cursor_after(page)
    if whose == "another person's":
        cursor = cursor_after(pull(house, ben, other, {}))
    elif whose == "another epoch's":
        cursor["epoch"] = "000000000000"
    else:
        cursor["scopes"] = {name: [p[0] + 5, *p[1:]] for name, p in cursor["scopes"].items()}
    again = pull(house, ana, client_id, cursor)
    assert {s["scope"]: s["put"] for s in again["scopes"] if s["put"]} == {
        s["scope"]: s["put"] for s in page["scopes"] if s["put"]
    }
    foreign = [play.world.name("ben")] if whose == "another person's" else []
    assert [drop["scope"] for drop in again["drop"]] == foreign


def test_i17_a_poison_mutation_blocks_the_queue_for_five_tries_only(play: Play) -> None:
    house, ana = play.house, play.people["ana"]
    client_id = house.new_client(ana)
    poison = (1, str(uuid7()), play._written([plays.A], "poison"))
    good = (2, str(uuid7()), play._written([plays.B]))
    for _ in range(TRIES - 1):
        answer = push(house, ana, client_id, poison, good)
        assert (answer["results"], answer["stopped"]["code"]) == ([], "internal")
    answer = push(house, ana, client_id, poison, good)
    assert [r["status"] for r in answer["results"]] == ["rejected", "applied"]
    assert (answer["results"][0]["code"], answer["lmid"]) == ("internal", {"main": 2})
    again = push(house, ana, client_id, poison)
    assert again["results"] == [answer["results"][0] | {"dup": True}]
