"""A refusal quotes the input, and the input may be hostile."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.utils import timezone

from notifications.models import Preferences
from recovery.practice.models import CheckIn
from tests.cast import Care, FakePhone, answer, bodies, in_care, mutation

pytestmark = pytest.mark.django_db
SET = "care.set_reminder_preferences"
QUOTED: list[dict[str, Any]] = [
    {"time_zone": "\0"},
    {"time_zone": "\ud800"},
    {"lead_minutes": ["\0"]},
    {"no such \0 field": 1},
    {"no such \udfff field": 1},
    {"quiet_start": "\\u0000", "quiet_end": "\0"},
]
UNREAD: list[dict[str, Any]] = [
    {"medication": "\0"},
    {"medication": "\ud800"},
    {"halt": ["\0"]},
    {"no such \0 field": 1},
    {"no such \udfff field": {"\0": "\ud800"}},
    {"slot": "\\u0000"},
    {"time_zone": "\0"},
    {"no such field": [[[[]]]]},
]


@pytest.fixture
def ana() -> Care:
    return in_care()


def day(ana: Care, **answers: Any) -> dict[str, Any]:
    today = timezone.now().date()
    row_id = str(CheckIn.id_of(ana.record.id, today, "day"))
    facts = {"id": row_id, "record": str(ana.record.id), "local_date": str(today), "slot": "day"}
    return facts | {"mood": 3} | answers


@pytest.mark.parametrize("hostile", QUOTED)
def test_the_refusal_is_stored(ana: Care, hostile: dict[str, Any]):
    caller = FakePhone(ana.patient)
    first = caller.do(SET, hostile, key=ana.record.id)
    again = caller.do(SET, hostile, key=ana.record.id)
    assert answer(first, 400)["code"] == "invalid"
    assert answer(again, 400) == answer(first, 400)
    assert not Preferences.objects.filter(scope_id=ana.patient.id).exists()


@pytest.mark.parametrize("hostile", QUOTED)
def test_the_phones_queue_continues_after_it(ana: Care, hostile: dict[str, Any]):
    caller = FakePhone(ana.patient)
    caller.register()
    pushed = caller.push(
        mutation(1, SET, hostile),
        mutation(2, "practice.record_check_in", day(ana)),
    )
    refused, applied = answer(pushed)["results"]
    assert (refused["code"], applied["status"]) == ("invalid", "applied")


@pytest.mark.parametrize("hostile", UNREAD)
def test_a_self_report_keeps_it_in_a_form_that_can_be_stored(ana: Care, hostile: dict[str, Any]):
    caller = FakePhone(ana.patient)
    caller.register()
    pushed = caller.push(mutation(1, "practice.record_check_in", day(ana) | hostile))
    [sent] = answer(pushed)["results"]
    [shown] = bodies(ana.counsellor, "check_in")
    assert sent["data"]["unread"] == sorted(shown["unread"])
    assert (shown["mood"], len(shown["unread"])) == (3, 1 + ("id" in shown["unread"]))


@pytest.mark.parametrize("depth", [60, 500, *range(880, 1000, 8)])
def test_nesting_near_the_parsers_limit_is_refused_and_the_queue_continues(ana: Care, depth: int):
    """Parsing, fingerprinting and validation run at different stack depths."""
    caller = FakePhone(ana.patient)
    caller.register()
    plain = json.dumps({"client_id": caller.client_id, "schema": 1, "mutations": [
        mutation(1, "practice.record_attempt", {"answers": "@"}),
        mutation(2, "practice.record_check_in", day(ana)),
    ]})  # fmt: skip
    deep = "[" * depth + "]" * depth
    pushed = caller.post("/api/v1/sync/push", plain.replace('"@"', deep))
    direct = caller.do("practice.record_attempt", f'{{"answers": {deep}}}')
    assert answer(direct, 400)["code"] in ("invalid", "malformed")
    if pushed.status_code != 400:
        codes = [each.get("code") for each in answer(pushed)["results"]]
        assert codes == ["invalid", None]
