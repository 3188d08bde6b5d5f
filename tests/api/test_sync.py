"""Pull and push over HTTP: the protocol's answers. A refused request changes nothing."""

from __future__ import annotations

import json
import re
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from uuid_utils.compat import uuid7

from foundation.bodies import SENTENCE
from foundation.postgresql import functions
from foundation.valkey import valkey
from recovery.actions import Call, perform
from recovery.actions.models import Receipt
from recovery.feed.pull import Question, parameters
from recovery.limits.limit import Use
from recovery.signin.allowances import STRANGER
from recovery.signin.models import DeviceSession
from tests.api.states import brought_into, columns
from tests.architecture import statements
from tests.cast import FakePhone, answer, cursor_after, make_user, mutation

pytestmark = pytest.mark.django_db


@pytest.fixture
def phone() -> FakePhone:
    caller = FakePhone(make_user())
    caller.register()
    return caller


def sign_out_other(phone: FakePhone) -> dict[str, Any]:
    """A mutation with a visible effect: it signs out another device of the same person."""
    other = FakePhone(phone.user)
    return mutation(1, "people.revoke_session", {"session": other.tokens["session"]})


def revoked(phone: FakePhone) -> int:
    return DeviceSession.objects.in_scope(phone.user.id).exclude(revoked_at=None).count()


def test_a_first_pull_returns_everything_and_the_next_nothing(phone: FakePhone) -> None:
    first = phone.pull()
    assert [scope["scope"] for scope in first["scopes"]] == [f"person:{phone.user.id}"]
    assert first["scopes"][0]["put"][0][0] == "device_session"
    assert first["scopes"][0]["reset"] == "sweep"
    assert first["has_more"] is False
    assert phone.pull(cursor_after(first))["scopes"] == []


def test_a_change_arrives_with_the_next_pull(phone: FakePhone) -> None:
    before = cursor_after(phone.pull())
    done = answer(phone.push(sign_out_other(phone)))
    assert done["lmid"] == {"main": 1}
    changed = phone.pull(before)["scopes"][0]
    assert changed["reset"] is None
    assert changed["pos"][0] == done["results"][0]["at"][0][1] == changed["head"]
    assert changed["put"][-1][3]["revoked_why"] == "revoked"


def test_pages_continue_to_the_head(phone: FakePhone) -> None:
    for _ in range(5):
        FakePhone(phone.user)
    seen, cursor = [], {}
    for _ in range(20):
        page = phone.pull(cursor, limit=2)
        seen += [entry[1] for scope in page["scopes"] for entry in scope["put"]]
        cursor = cursor_after(page)
        if not page["has_more"]:
            break
    assert len(seen) == len(set(seen)) == 6


def test_a_repeated_push_changes_nothing_and_gets_the_same_answer(phone: FakePhone) -> None:
    sign_out = sign_out_other(phone)
    first = answer(phone.push(sign_out))
    again = answer(phone.push(sign_out))
    assert again["results"][0].pop("dup") is True
    assert again["results"] == first["results"]
    assert revoked(phone) == 1


def test_an_outbox_renumbered_under_a_new_client_is_not_applied_twice(phone: FakePhone) -> None:
    sign_out = sign_out_other(phone)
    answer(phone.push(sign_out))
    phone.register()
    again = answer(phone.push(sign_out))
    assert again["results"][0]["dup"] is True
    assert again["lmid"] == {"main": 1}


def test_another_uuid_under_a_used_id_means_a_cloned_phone(phone: FakePhone) -> None:
    answer(phone.push(sign_out_other(phone)))
    refused = answer(phone.push(sign_out_other(phone)), 409)
    assert refused["code"] == "client_forked"
    assert revoked(phone) == 1


def test_a_gap_names_the_expected_mutation(phone: FakePhone) -> None:
    refused = answer(phone.push(sign_out_other(phone) | {"id": 3}), 409)
    assert (refused["code"], refused["expected"]) == ("mutation_gap", 1)
    assert revoked(phone) == 0


def test_an_unknown_client_must_register(phone: FakePhone) -> None:
    phone.client_id = str(uuid7())
    assert answer(phone.push(sign_out_other(phone)), 404)["code"] == "client_unknown"
    request_body = {"client_id": phone.client_id}
    assert answer(phone.post("/api/v1/sync/pull", request_body), 404)["code"] == "client_unknown"
    assert revoked(phone) == 0


def test_one_refused_mutation_does_not_fail_the_batch(phone: FakePhone) -> None:
    stranger = FakePhone(make_user())
    bad = [
        mutation(1, "no.such_action", {}),
        mutation(2, "people.revoke_session", {"session": "nonsense"}),
        mutation(3, "people.revoke_session", {"session": stranger.tokens["session"]}),
        mutation(4, "people.revoke_session", "not even an object"),
    ]
    good = sign_out_other(phone) | {"id": 5}
    payload = answer(phone.push(*bad, good))
    assert [r["status"] for r in payload["results"]] == ["rejected"] * 4 + ["applied"]
    assert [r.get("code") for r in payload["results"]] == [
        "unknown_action",
        "invalid",
        "not_found",
        "invalid",
        None,
    ]
    assert payload["lmid"] == {"main": 5}
    assert revoked(stranger) == 0


def test_a_refusal_is_stored_and_repeated(phone: FakePhone) -> None:
    bad = mutation(1, "people.revoke_session", {"session": str(uuid7())})
    first, again = answer(phone.push(bad)), answer(phone.push(bad))
    assert first["results"][0]["code"] == again["results"][0]["code"] == "not_found"
    assert Receipt.objects.in_scope(phone.user.id).filter(status="rejected").count() == 1


def test_pulls_repeat_results_until_acknowledged(phone: FakePhone) -> None:
    answer(phone.push(mutation(1, "no.such_action", {})))
    payload = phone.pull()
    assert payload["lmid"] == {"main": 1}
    assert [(r["id"], r["code"]) for r in payload["results"]] == [(1, "unknown_action")]
    assert phone.pull(ack={"main": 1})["results"] == []


def test_an_acknowledged_result_is_dropped_but_never_applied_again(phone: FakePhone) -> None:
    sign_out = sign_out_other(phone)
    answer(phone.push(sign_out))
    answer(phone.push(ack={"main": 1}))
    assert Receipt.objects.in_scope(phone.user.id).get(id=sign_out["uuid"]).detail is None
    assert answer(phone.push(sign_out))["results"][0]["dup"] is True


def test_lanes_are_numbered_separately(phone: FakePhone) -> None:
    answer(phone.push(sign_out_other(phone)))
    payload = answer(phone.push(sign_out_other(phone), lane="urgent"))
    assert payload["lmid"] == {"urgent": 1}
    assert phone.pull()["lmid"] == {"main": 1, "urgent": 1}


def test_a_push_may_include_a_pull(phone: FakePhone) -> None:
    payload = answer(phone.push(sign_out_other(phone), pull={"cursor": {}}))
    assert payload["pull"]["lmid"] == {"main": 1}
    assert payload["pull"]["scopes"][0]["put"]


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    scopes=st.dictionaries(
        st.sampled_from(["person:x", "group:", "library:en", "nonsense", "person:"])
        | st.uuids().map(lambda u: f"person:{u}")
        | st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), max_size=8),
        st.tuples(
            st.integers(0, 2**63 - 1),
            st.integers(0, 2**63 - 1),
            st.text(max_size=5) | st.sampled_from(["1.1", "\ud800", "\x00"]),
        ),
        max_size=4,
    ),
    epoch=st.text(min_size=1, max_size=5) | st.just("\ud800\x00"),
)
def test_any_cursor_gets_a_correct_answer(phone: FakePhone, scopes: Any, epoch: Any) -> None:
    """From another epoch, another person or forged: it is answered with what is right now."""
    payload = phone.pull({"epoch": epoch, "scopes": scopes})
    assert {drop["scope"] for drop in payload["drop"]} <= set(scopes)
    assert [s["scope"] for s in payload["scopes"]] == [f"person:{phone.user.id}"]
    assert len(payload["scopes"][0]["put"]) == 1


@pytest.mark.parametrize("path", ["clients", "pull", "push"])
@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("{", 400),
        ("[]", 400),
        ("null", 400),
        ("[" * 100_000, 400),
        ('{"client_id": 7}', 400),
        ('"' + "x" * 600_000 + '"', 413),
        ('{"client_id": "\\u0000", "install": "\\u0000"}', 400),
    ],
)
def test_invalid_bodies(phone: FakePhone, path: str, body: str, status: int) -> None:
    response = phone.post(f"/api/v1/sync/{path}", body)
    assert response.status_code == status
    assert response["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("path", ["actions/people.sign_out", "sessions/refresh", "enrolment"])
@pytest.mark.parametrize("body", ["[" * 100_000, "{", b"\xff"])
def test_invalid_bodies_of_other_requests(phone: FakePhone, path: str, body: str | bytes) -> None:
    response = phone.post(f"/api/v1/{path}", body, **{"Idempotency-Key": str(uuid7())})
    assert answer(response, 400)["code"] == "malformed"
    assert revoked(phone) == 0


@pytest.mark.parametrize("path", ["sync/clients", "sync/pull", "sync/push", "live/ticket"])
def test_another_method_is_a_problem_too(phone: FakePhone, path: str) -> None:
    response = phone.http.get(f"/api/v1/{path}")
    assert answer(response, 405)["code"] == "method_not_allowed"
    assert response["Allow"] == "POST"


def test_a_pull_is_one_statement_for_every_caller(phone: FakePhone) -> None:
    with statements.counted() as seen:
        phone.pull()
    assert [re.findall(r"FROM (\w+)\(", text) for text in seen] == [["pull_by_token"]]


@pytest.mark.parametrize("state", ["live", "expired", "ended", "wipe"])
def test_an_unusable_session_reads_nothing(phone: FakePhone, state: str) -> None:
    token_hash, now = brought_into(state, phone)
    question = parameters(UUID(phone.client_id), Question("", {}, 1, 500, {}))
    question |= {"presented": token_hash, "at": now}
    with connection.cursor() as cursor:
        cursor.execute(functions.statement("pull_by_token", *question), question)
        row = dict(zip(columns(cursor), cursor.fetchone(), strict=True))
    assert row["state"] == state
    read = {name: row[name] for name in ("epoch", "lmid", "results", "scopes")}
    assert all(read.values()) if state == "live" else not any(read.values()), read


def test_staff_without_a_second_factor_count_as_strangers() -> None:
    address = ".".join(str(byte) for byte in (10, *uuid7().bytes[-3:]))
    staff = FakePhone(make_user(is_staff=True), methods=["enrolment_code"])
    staff.http = Client(REMOTE_ADDR=address)
    response = staff.post("/api/v1/sync/pull", {"client_id": str(uuid7())})
    assert answer(response, 403)["code"] == "second_factor_required"
    assert int(valkey().get(Use(STRANGER, f"{address}/32").key)) == 1


def test_a_stranger_gets_no_validation_errors(phone: FakePhone) -> None:
    malformed = {"client_id": "nobody"}
    assert answer(phone.post("/api/v1/sync/pull", malformed), 400)["code"] == "invalid"
    response = phone.post("/api/v1/sync/pull", malformed, Authorization="Bearer nonsense")
    assert answer(response, 401)["code"] == "not_signed_in"


@pytest.mark.parametrize("path", ["clients", "pull", "push"])
def test_without_a_session_there_is_no_answer(phone: FakePhone, path: str) -> None:
    response = phone.post(f"/api/v1/sync/{path}", {}, Authorization="Bearer nonsense")
    assert answer(response, 401)["code"] == "not_signed_in"


def test_a_poison_mutation_is_set_aside_after_five_failures(phone: FakePhone, poison: None) -> None:
    mutations = [mutation(1, "testing.poison", {}), sign_out_other(phone) | {"id": 2}]
    for _ in range(4):
        payload = answer(phone.push(*mutations))
        assert payload["stopped"]["code"] == "internal"
        assert payload["results"] == []
    payload = answer(phone.push(*mutations))
    assert [(r["id"], r.get("code")) for r in payload["results"]] == [(1, "internal"), (2, None)]
    assert revoked(phone) == 1


@pytest.mark.parametrize("name", ["nul \x00", "half \ud800", "", "x" * 100_000])
def test_an_impossible_action_name_blocks_nothing(phone: FakePhone, name: str) -> None:
    mutations = [mutation(1, name, {}), sign_out_other(phone) | {"id": 2}]
    payload = answer(phone.push(*mutations))
    assert [r.get("code") for r in payload["results"]] == ["unknown_action", None]
    assert [r["code"] for r in phone.pull()["results"] if "code" in r] == ["unknown_action"]
    assert revoked(phone) == 1


def test_a_rest_action_sent_twice_under_one_key_runs_once(phone: FakePhone) -> None:
    args, key = sign_out_other(phone)["args"], uuid7()
    first = answer(phone.do("people.revoke_session", args, key))
    again = answer(phone.do("people.revoke_session", args, key))
    assert again.pop("dup") is True
    assert again == first
    other = answer(phone.do("people.revoke_session", args | {"wipe": True}, key), 422)
    assert other["code"] == "key_reused"


def test_an_action_needs_a_key(phone: FakePhone) -> None:
    response = phone.post("/api/v1/actions/people.revoke_session", {})
    assert answer(response, 400)["code"] == "idempotency_key_required"


def test_json_is_utf_8_whatever_charset_it_declares(phone: FakePhone) -> None:
    """Decoding punycode takes a minute per megabyte."""
    text = json.dumps(sign_out_other(phone)["args"] | {"ñ": 1}, ensure_ascii=False)
    response = phone.http.generic(
        "POST",
        "/api/v1/actions/people.revoke_session",
        text.encode(),
        content_type="application/json; charset=punycode",
        headers={
            "Authorization": f"Bearer {phone.tokens['access_token']}",
            "Idempotency-Key": str(uuid7()),
        },
    )
    assert list(answer(response, 400)["errors"]) == ["ñ"]


def test_unknown_fields_are_refused(phone: FakePhone) -> None:
    args = sign_out_other(phone)["args"] | {"is_admin": True}
    refused = answer(phone.do("people.revoke_session", args), 400)
    assert "is_admin" in refused["errors"]
    assert revoked(phone) == 0


@pytest.mark.parametrize("name", ["nul \x00", "half \ud800", "\U0001f600" * 300])
def test_a_name_that_cannot_be_stored_is_refused(phone: FakePhone, name: str) -> None:
    key = uuid7()
    refused = answer(phone.do("people.sign_out", {name: 1}, key), 400)
    # Half characters and NUL are refused before the action is asked.
    [[sentence]] = refused["errors"].values()
    assert sentence in ("There is no such field.", SENTENCE)
    assert answer(phone.do("people.sign_out", {name: 1}, key), 400) == refused
    assert revoked(phone) == 0


def test_perform_directly_answers_as_rest_does(phone: FakePhone) -> None:
    args = sign_out_other(phone)["args"]
    outcome = perform("people.revoke_session", data=args, call=Call(phone.user, timezone.now()))
    assert outcome.at[0][0] == f"person:{phone.user.id}"


def test_a_server_defect_is_no_result(phone: FakePhone, broken: None) -> None:
    """A violated check is retried and set aside. It is never reported as "done already"."""
    payload = answer(phone.push(mutation(1, "testing.broken", {})))
    assert payload["stopped"]["code"] == "internal"
    assert payload["results"] == []
