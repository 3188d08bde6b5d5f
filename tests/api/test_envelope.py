"""What a phone adds to a mutation never costs what the person wrote, and what is wrong is said."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from uuid_utils.compat import uuid7

from foundation.problems import type_of
from foundation.text import storable
from recovery.conversations.models import Message
from recovery.practice.models import CheckIn
from tests.cast import (
    Care,
    Circle,
    FakePhone,
    answer,
    count,
    documents,
    in_care,
    make_circle,
    make_user,
    mutation,
    seq,
)

pytestmark = pytest.mark.django_db
GARBAGE = (
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False)
    | st.text(max_size=20)
    | st.sampled_from(["\ud800", "\x00", "undefined", "2026-03-02", "2026-03-02T15:00", "9" * 99])
    | st.lists(st.integers(), max_size=2)
    | st.dictionaries(st.text(max_size=9), st.text(max_size=9) | st.integers(), max_size=2)
)
MACHINE = ("uuid", "v", "base", "client_time", "offset_ms")


@pytest.fixture
def ana() -> Care:
    return in_care()


@pytest.fixture
def phone(ana: Care) -> FakePhone:
    return FakePhone(ana.patient, registered=True)


LONG = f"person:{'1' * 90}"


def check_in(ana: Care, **answers: Any) -> dict[str, Any]:
    today = timezone.now().date()
    id_ = str(CheckIn.id_of(ana.record.id, today, "day"))
    facts = {"id": id_, "record": str(ana.record.id), "local_date": str(today), "slot": "day"}
    return facts | answers


@settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(machine=st.fixed_dictionaries({}, optional=dict.fromkeys(MACHINE, GARBAGE)))
@example(machine=dict.fromkeys(MACHINE))
@example(machine={"base": 7})
@example(machine={"client_time": "0001-01-01T00:00:00+14:00", "offset_ms": -(10**15)})
def test_a_check_in_arrives_whatever_the_phone_added(ana: Care, machine: dict[str, Any]) -> None:
    phone = FakePhone(ana.patient, registered=True)
    if isinstance(machine.get("v"), int) and machine["v"] > 1:
        machine["v"] = -machine["v"]  # a version that may come to be known must wait
    words = str(uuid7())
    sent = mutation(1, "practice.record_check_in", check_in(ana, plan=words)) | machine
    [result] = answer(phone.push(sent))["results"]
    assert result["status"] == "applied"
    # What no database can store is replaced in the whole push.
    assert not isinstance(sent["uuid"], str) or result["uuid"] == storable(sent["uuid"])
    assert [row["plan"] for row in documents(ana.patient, "check_in")] == [words]
    assert set(result.get("ignored", {})) <= machine.keys()
    again = answer(phone.push(sent))["results"][0]
    assert again.pop("dup") is True
    assert again == result


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("uuid", "0198"),
        ("uuid", None),
        ("v", "2"),
        ("v", 0),
        ("v", True),
        ("base", [1]),
        ("base", {"check_in/x": "9"}),
        ("client_time", "yesterday"),
        ("client_time", "2026-03-02T15:00:00"),
        ("offset_ms", "12"),
    ],
)
def test_the_answer_says_what_it_could_not_use(
    ana: Care, phone: FakePhone, field: str, value: Any
) -> None:
    sent = mutation(1, "practice.record_check_in", check_in(ana, mood=3))
    sent |= {"client_time": timezone.now().isoformat(), field: value}
    [result] = answer(phone.push(sent))["results"]
    assert result["status"] == "applied"
    assert list(result["ignored"]) == [field]
    assert result["ignored"][field][0].endswith(".")


def test_mutations_without_a_uuid_are_distinguished_and_happen_once(
    ana: Care, phone: FakePhone
) -> None:
    day = [mutation(n, "practice.record_check_in", check_in(ana, mood=n)) for n in (1, 2)]
    queue = [each | {"uuid": "undefined"} for each in day]
    assert [r["status"] for r in answer(phone.push(*queue))["results"]] == ["applied"] * 2
    phone.register()
    renumbered = answer(phone.push(*queue))["results"]
    assert [(r["uuid"], r["dup"]) for r in renumbered] == [("undefined", True)] * 2
    [row] = documents(ana.patient, "check_in")
    assert row["mood"] == 2


@pytest.mark.parametrize("wrong", [None, "x", [], {"id": 7}, {"id": "2"}, {"id": True}, {}])
def test_the_batch_stops_where_the_ids_break(ana: Care, phone: FakePhone, wrong: Any) -> None:
    first = mutation(1, "practice.record_check_in", check_in(ana, mood=3))
    later = mutation(3, "practice.record_check_in", check_in(ana, mood=5))
    payload = answer(phone.push(first, wrong, later))
    assert [(r["id"], r["status"]) for r in payload["results"]] == [(1, "applied")]
    assert (payload["stopped"]["id"], payload["stopped"]["code"]) == (2, "invalid")
    assert "mutations" in payload["stopped"]["problem"]["errors"]
    assert [row["mood"] for row in documents(ana.patient, "check_in")] == [3]


@pytest.mark.parametrize("wrong", [None, "x", [], {"id": "2"}, {"id": True}, {"id": 0}, {}])
def test_a_batch_that_begins_without_an_id_is_refused(phone: FakePhone, wrong: Any) -> None:
    refused = answer(phone.push(wrong, mutation(2, "people.sign_out", {})), 400)
    assert list(refused["errors"]) == ["mutations"]


@pytest.mark.parametrize("name", [None, 7, [], {}])
def test_an_action_that_is_no_text_blocks_nothing(ana: Care, phone: FakePhone, name: Any) -> None:
    good = mutation(2, "practice.record_check_in", check_in(ana, mood=3))
    payload = answer(phone.push(mutation(1, name, {}), good))
    assert [r.get("code") for r in payload["results"]] == ["unknown_action", None]


def test_every_refusal_is_one_problem_document(phone: FakePhone) -> None:
    """The same in the push, in a retry, in the pull and over REST."""
    session = FakePhone(make_user()).tokens["session"]
    bad = [
        mutation(1, "no.such_action", {}),
        mutation(2, "people.revoke_session", {"session": "nonsense"}),
        mutation(3, "people.revoke_session", {"session": session}),
        mutation(4, "people.sign_out", {}) | {"v": "one", "args": 7},
    ]
    results = answer(phone.push(*bad))["results"]
    assert [r["code"] for r in results] == ["unknown_action", "invalid", "not_found", "invalid"]
    for result in results:
        problem = result["problem"]
        assert problem["type"] == type_of(result["code"])
        assert problem["code"] == result["code"]
        assert problem["title"]
        assert problem["detail"]
    again = answer(phone.push(*bad))["results"]
    assert [r["problem"] for r in again] == [r["problem"] for r in results]
    assert [r["problem"] for r in phone.pull()["results"]] == [r["problem"] for r in results]
    over_rest = answer(phone.do("people.revoke_session", {"session": session}), 404)
    assert over_rest == results[2]["problem"]


def test_a_version_that_stays_unknown_is_refused_in_the_end(phone: FakePhone) -> None:
    newer = mutation(1, "people.sign_out", {}) | {"v": 99}
    for _ in range(4):
        stopped = answer(phone.push(newer))["stopped"]
        assert (stopped["code"], stopped["retry_after_ms"]) == ("busy", 60_000)
        assert stopped["problem"]["title"]
    payload = answer(phone.push(newer, mutation(2, "no.such_action", {})))
    assert [r["code"] for r in payload["results"]] == ["version_unknown", "unknown_action"]
    assert payload["results"][0]["problem"]["detail"].startswith("`v` is newer")


class TestEditing:
    """A message of Ana's, untouched since she sent it."""

    @pytest.fixture
    def circle(self) -> Circle:
        return make_circle()

    @pytest.fixture
    def phone(self, circle: Circle) -> FakePhone:
        return FakePhone(circle.ana, registered=True)

    @pytest.fixture
    def message(self, circle: Circle, phone: FakePhone) -> str:
        data = {"id": str(uuid7()), "group": str(circle.group), "text": "One"}
        answer(phone.push(mutation(1, "groups.post_message", data)))
        return data["id"]

    def edit(self, phone: FakePhone, message: str, number: int = 2, **more: Any) -> dict[str, Any]:
        data = {"message": message, "text": "Two"}
        [result] = answer(phone.push(mutation(number, "groups.edit_message", data, **more)))[
            "results"
        ]
        return dict(result)

    @pytest.mark.parametrize("base", [None, {}, [], "12", 12, {"message": 1}])
    def test_a_base_that_does_not_say_it(
        self, circle: Circle, phone: FakePhone, message: str, base: Any
    ) -> None:
        result = self.edit(phone, message, base=base)
        assert result["code"] == "base_required"
        assert "base" in result["problem"]["detail"]
        assert count(circle.ana, Message) == 1
        assert [m["text"] for m in documents(circle.ana, "message")] == ["One"]

    @pytest.mark.parametrize("seq", ["3", 1.5, True, -1, [1]])
    def test_a_seq_that_is_none(
        self, circle: Circle, phone: FakePhone, message: str, seq: Any
    ) -> None:
        result = self.edit(phone, message, base={f"message/{message}": seq})
        assert result["code"] == "base_required"
        assert list(result["ignored"]) == ["base"]
        assert [m["text"] for m in documents(circle.ana, "message")] == ["One"]

    def test_the_entry_in_the_answer_is_enough_for_the_next_try(
        self, circle: Circle, phone: FakePhone, message: str
    ) -> None:
        result = self.edit(phone, message, base={f"message/{message}": 1})
        assert (result["code"], result["problem"]["code"]) == ("conflict", "conflict")
        kind, id_, number, document = result["current"]
        assert (kind, id_, document["text"]) == ("message", message, "One")
        assert number == seq(circle.ana, circle.group, "message", message)
        again = self.edit(phone, message, 3, base={f"{kind}/{id_}": number})
        assert again["status"] == "applied"
        assert [m["text"] for m in documents(circle.ana, "message")] == ["Two"]


@pytest.mark.parametrize(
    ("cursor", "part"),
    [
        ("x", "epoch"),
        ([], "epoch"),
        ({"epoc": "a"}, "epoc"),
        ({"epoch": "a", "scope": {}}, "scope"),
        ({"epoch": 7}, "epoch"),
        ({"scopes": {"person:1": [1, 0, "1.1"]}}, "epoch"),
        ({"epoch": "a", "scopes": []}, "scopes"),
        ({"epoch": "a", "scopes": {"person:1": [1, 0]}}, "person:1"),
        ({"epoch": "a", "scopes": {"person:1": ["1", 0, "1.1"]}}, "person:1"),
        ({"epoch": "a", "scopes": {"person:1": [1, 0, 1.1]}}, "person:1"),
        ({"epoch": "a", "scopes": {"person:1": [-1, 0, "1.1"]}}, "person:1"),
        ({"epoch": "a", "scopes": {"person:1": {"seq": 1}}}, "person:1"),
        ({"epoch": "a", "scopes": {LONG: [1, 0, "1.1"]}}, LONG[:80]),
    ],
)
def test_a_malformed_cursor_is_refused_with_the_part(
    phone: FakePhone, cursor: Any, part: str
) -> None:
    body = {"client_id": phone.client_id, "cursor": cursor}
    refused = answer(phone.post("sync/pull", body), 400)
    [sentence] = refused["errors"]["cursor"]
    assert f"`{part}`" in sentence


def test_a_cursor_under_another_name_is_no_first_pull(phone: FakePhone) -> None:
    refused = answer(phone.post("sync/pull", {"client_id": phone.client_id, "curser": {}}), 400)
    assert "`curser`" in refused["errors"]["cursor"][0]


@pytest.mark.parametrize("pull", [7, {"cursor": 7}, {"cursor": {"epoch": 7}}, {"limit": 0}])
def test_nothing_wrong_in_the_pull_costs_the_results_of_a_push(
    ana: Care, phone: FakePhone, pull: Any
) -> None:
    sent = mutation(1, "practice.record_check_in", check_in(ana, mood=3))
    payload = answer(phone.push(sent, pull=pull))
    assert payload["results"][0]["status"] == "applied"
    assert "pull" not in payload
    assert payload["pull_problem"]["code"] == "invalid"
