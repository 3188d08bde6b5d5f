"""What `GET /api/documents` says about each kind is true, and complete for new kinds."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from jsonschema import Draft202012Validator
from rest_framework import serializers

from foundation import problems
from foundation.problem_details import DETAILS
from recovery.actions.registry import ACTIONS
from recovery.api.documents import documents, problem_types
from recovery.feed import Policy, document, schemas
from recovery.feed.documents import KINDS
from recovery.feed.ids import BY_PHONE
from recovery.feed.models import SyncEpoch
from recovery.feed.shapes import Shaped
from recovery.practice.models import CheckIn
from tests.cast import FakePhone, answer, make_user
from tests.documents import fits

GOLDEN = Path(__file__).parents[1] / "golden"
# JSON columns, and columns whose values only the actions know.
MADE_UP = (Shaped, serializers.ListField, serializers.ChoiceField, serializers.URLField)
KNOWN = sorted(GOLDEN.glob("schema_*/*.json"))


@pytest.fixture(scope="module")
def described() -> dict[str, Any]:
    return documents()


@pytest.mark.parametrize("path", KNOWN, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_documents_of_every_schema_fit_its_shape(path: Path, described: dict[str, Any]) -> None:
    """But for what the specimens make up. tests/contract has real content."""
    schema = path.parent.name.removeprefix("schema_")
    shape = described["kinds"][path.stem]["schemas"][schema]
    fields = getattr(KINDS[path.stem].serializer, "fields", {})
    made_up = {name for name, field in fields.items() if isinstance(field, MADE_UP)}
    known = {name: each for name, each in shape["properties"].items() if name not in made_up}
    for each in json.loads(path.read_text()) if fields else []:
        # They were written before the fields that have been added since.
        assert each.keys() <= shape["properties"].keys()
        fits({"properties": known | {name: {} for name in made_up}}, each)


def test_every_shape_is_json_schema_and_says_the_type_of_each_field(
    described: dict[str, Any],
) -> None:
    untyped = []
    for kind, about in described["kinds"].items():
        for schema, shape in about["schemas"].items():
            Draft202012Validator.check_schema(shape)
            assert set(shape["required"]) <= set(shape["properties"])
            untyped += [
                f"{kind}.{schema}.{name}"
                for name, field in shape["properties"].items()
                if not field.keys() & {"type", "oneOf", "anyOf", "enum", "const"}
            ]
    assert untyped == []


def test_every_kind_is_described_with_actions_that_exist(described: dict[str, Any]) -> None:
    assert described["kinds"].keys() == KINDS.keys()
    for about in described["kinds"].values():
        assert about["scopes"]
        assert about["seen_by"]
        named = [*about["actions"], *about["system_actions"]]
        assert named
        assert set(named) <= ACTIONS.keys()


def test_no_description_names_our_modules(described: dict[str, Any]) -> None:
    text = json.dumps([described, problem_types()])
    assert [word for word in text.split() if "recovery." in word or "id_of" in word] == []


def test_a_kind_without_declarations_cannot_be_registered() -> None:
    declared = {"conflict": Policy.STEPS, "scopes": ("care",), "ids": BY_PHONE, "actions": ()}
    for missing in declared:
        rest = {name: value for name, value in declared.items() if name != missing}
        with pytest.raises(TypeError, match=missing):
            document("poll", SyncEpoch, **rest)
    for wrong in ((), ("cellar",)):
        with pytest.raises(RuntimeError, match="kinds of scopes"):
            document("poll", SyncEpoch, **declared | {"scopes": wrong})(None)
    assert "poll" not in KINDS


def test_ids_are_computed_from_what_their_rule_says() -> None:
    record, day = uuid.uuid4(), dt.date(2026, 3, 2)
    document = {"local_date": day.isoformat(), "slot": "day"}
    expected = CheckIn.id_of(record, day, "day")
    assert KINDS["check_in"].ids.expected(record, document) == expected
    assert KINDS["member_card"].ids.expected(record, {}) is None
    assert KINDS["message"].ids.expected(record, {}) is None
    assert KINDS["group"].ids.expected(record, {}) == record


def test_each_schema_has_the_shape_of_its_time() -> None:
    first, second, newest = {"title": "1"}, {"title": "2"}, {"title": "3"}
    before = list(schemas.STEPS)
    try:
        schemas.reshaped("message", schema=2, before=first)(dict)
        schemas.reshaped("message", schema=4, before=second)(dict)
        schemas.introduced("poll", schema=3)
        assert schemas.shapes("message", newest) == {1: first, 2: second, 4: newest}
        assert schemas.shapes("poll", newest) == {3: newest}
        assert schemas.shapes("group", newest) == {1: newest}
    finally:
        schemas.STEPS[:] = before


def test_every_problem_says_what_an_app_does() -> None:
    """A code without a detail would look to apps like an action's own refusal."""
    ours = [k for k in problems.kinds() if k.__module__ == problems.__name__]
    assert {kind.code for kind in ours} <= DETAILS.keys()
    assert all(len(each["detail"]) > 20 for each in problem_types())


@pytest.mark.django_db
def test_both_pages_are_served_to_anyone(described: dict[str, Any]) -> None:
    phone = FakePhone(make_user())
    assert answer(phone.get("/api/documents", signed_in=False)) == described
    served = json.loads(phone.get("/api/problems", signed_in=False).content)
    assert served == problem_types()
    assert len({each["type"] for each in served}) == len(served)
    for each in served:
        assert each["detail"].endswith((".", ")"))
    assert phone.http.post("/api/documents").status_code == 405


def test_a_document_that_does_not_fit_is_found(described: dict[str, Any]) -> None:
    shape = described["kinds"]["message"]["schemas"]["1"]
    [known, _] = json.loads((GOLDEN / "schema_1" / "message.json").read_text())
    for wrong in (
        known | {"colour": "red"},
        known | {"edited_at": 7},
        known | {"author": "Ana"},
        {name: value for name, value in known.items() if name != "text"},
    ):
        with pytest.raises(jsonschema.ValidationError):
            fits(shape, wrong)
