"""Every relation with every endpoint: who is no part of a scene finds nothing of it through any
action of the registry and any list, and changes nothing."""

from __future__ import annotations

import re
from typing import Any

import pytest
from drf_spectacular.generators import SchemaGenerator
from uuid_utils.compat import uuid7

from recovery.actions import SYSTEM
from recovery.actions.perform import attempt
from tests.cast import FakePhone, answer, in_care, make_circle
from tests.contract import cases  # noqa: F401  # registration
from tests.contract.relations import CLOSED, MAY, RELATIONS
from tests.contract.story import STORIES, Move, Story, make, play
from tests.databases import as_owner

LISTS = sorted(
    path
    for path, operations in SchemaGenerator().get_schema(request=None, public=True)["paths"].items()
    # The sign-in ceremony is about the caller alone: tests/signin.
    if "get" in operations and not path.startswith("/auth/")
)
SCOPES = "SELECT id, kind FROM recovery_scope WHERE kind = ANY(%s)"
HEADS = "SELECT id, seq, acl FROM recovery_scope ORDER BY id"
# A refusal that shows no more than NotFound: the action is about oneself, or about one's own role.
OTHER_REFUSALS = {"invalid", "not_allowed", "second_factor_required"}


def rows(sql: str, *values: Any) -> list[tuple[Any, ...]]:
    return as_owner().execute(sql, values).fetchall()  # type: ignore[arg-type]


@pytest.mark.parametrize("story", STORIES.values(), ids=STORIES)
def test_nobody_without_the_relation_performs_any_action(committed_db: None, story: Story) -> None:
    def do(move: Move) -> dict[str, Any]:
        if not move.anyone and move.actor is not SYSTEM:
            for relation, person in RELATIONS.items():
                if move.action in MAY.get(relation, ()):
                    continue
                someone = person()
                before = rows(HEADS)
                call = move.call(someone, key=uuid7(), session_id=uuid7())
                outcome = attempt(move.action, data=move.args(), call=call)
                assert outcome.status == "rejected", f"{relation} may {move.action}"
                assert outcome.code == "not_found" or outcome.code in OTHER_REFUSALS, (
                    relation,
                    move.action,
                    outcome.code,
                )
                assert rows(HEADS) == before, (relation, move.action)
        return make(move).data or {}

    play(story, do)


@pytest.mark.parametrize("relation", RELATIONS)
def test_nobody_without_the_relation_reads_through_any_list(
    committed_db: None, relation: str
) -> None:
    circle, care = make_circle(), in_care()
    theirs = [str(id_) for id_, _ in rows(SCOPES, CLOSED)]
    theirs += [str(care.record.id), str(circle.group), str(care.patient.id)]
    reader = FakePhone(RELATIONS[relation](), registered=True)
    mine = {str(id_) for id_, _ in rows(SCOPES, CLOSED)} - set(theirs)
    for path in LISTS:
        for id_ in theirs:
            url = re.sub(r"\{\w+\}", id_, path)
            response = reader.get(f"{url}?scope={id_}&programme={id_}")
            assert response.status_code in (200, 400, 403, 404), (path, response.content)
            text = response.content.decode()
            assert id_ not in text or relation.startswith("a patient of the programme"), path
            if response.status_code == 200:
                listed = answer(response)
                paged = isinstance(listed, dict) and "results" in listed
                shown = listed["results"] if paged else listed
                ids = {row["id"] for row in shown if "id" in row}
                assert ids <= {reader.tokens["session"]} | mine, path
