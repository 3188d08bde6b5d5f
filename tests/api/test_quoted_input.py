"""A refusal quotes the input, and the input may be hostile."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.utils import timezone

from recovery.practice.models import CheckIn
from tests.cast import Care, FakePhone, answer, count, in_care, mutation

pytestmark = pytest.mark.django_db
QUOTED: list[dict[str, Any]] = [
    {"medication": "\0"},
    {"medication": "\ud800"},
    {"halt": ["\0"]},
    {"no such \0 field": 1},
    {"no such \udfff field": 1},
    {"slot": "\\u0000"},
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
    first = caller.do("practice.record_check_in", day(ana) | hostile, key=ana.record.id)
    again = caller.do("practice.record_check_in", day(ana) | hostile, key=ana.record.id)
    assert answer(first, 400)["code"] == "invalid"
    assert answer(again, 400) == answer(first, 400)
    assert count(ana.patient, CheckIn) == 0


@pytest.mark.parametrize("hostile", QUOTED)
def test_the_phones_queue_continues_after_it(ana: Care, hostile: dict[str, Any]):
    caller = FakePhone(ana.patient)
    caller.register()
    pushed = caller.push(
        mutation(1, "practice.record_check_in", day(ana) | hostile),
        mutation(2, "practice.record_check_in", day(ana)),
    )
    refused, applied = answer(pushed)["results"]
    assert (refused["code"], applied["status"]) == ("invalid", "applied")


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
