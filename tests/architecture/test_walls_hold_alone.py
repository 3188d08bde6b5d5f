"""Without the filter of any staff read, the wall behind it still blocks everything.

`visible_to` is replaced on purpose. This is the only test that patches our own code, because it
is about what still holds when that code is wrong.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from drf_spectacular.generators import SchemaGenerator

from recovery.care.models import CareRecord
from recovery.feed.models import ScopedQuerySet
from tests.cast import FakePhone, answer, count, in_care, make_circle, make_olive, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.without_the_filter]

# The key with which browsers subscribe: one and public, and it says nothing of anybody.
THE_SAME_FOR_ALL = "/api/v1/push"
LISTS = sorted(
    path
    for path, operations in SchemaGenerator().get_schema(request=None, public=True)["paths"].items()
    # The sign-in ceremony is about the caller alone: tests/signin.
    if "get" in operations and "{" not in path and not path.startswith("/auth/")
    if path != THE_SAME_FOR_ALL
)


@pytest.fixture
def no_filter() -> Iterator[None]:
    """Make `visible_to` return every row."""
    careful = ScopedQuerySet.visible_to
    ScopedQuerySet.visible_to = lambda rows, user: rows.all()  # type: ignore[assignment, method-assign]
    yield
    ScopedQuerySet.visible_to = careful  # type: ignore[assignment, method-assign]


@pytest.fixture
def others() -> list[Any]:
    """Rows that could leak: a group with people in it, and a patient with a care team."""
    return [make_circle(), in_care()]


def rows_of(body: Any) -> list[Any]:
    return list(body["results"] if isinstance(body, dict) and "results" in body else body)


@pytest.mark.parametrize("path", LISTS)
def test_a_stranger_on_the_staff_reads_nothing(
    others: list[Any], no_filter: None, path: str
) -> None:
    stranger = FakePhone(make_olive())
    response = stranger.get(path)
    if response.status_code == 400:  # a list of one scope: request each of theirs
        return
    body = answer(response)
    if isinstance(body, dict) and "results" not in body:  # about the caller alone
        assert body["user"] == stranger.tokens["user"]
        return
    rows = rows_of(body)
    assert {row["id"] for row in rows} <= {stranger.tokens["session"]}


def test_the_filter_is_really_off(others: list[Any], no_filter: None) -> None:
    """Without the filter only the policy is left. The statement no longer checks membership."""
    sql = str(CareRecord.objects.visible_to(make_user()).query)
    assert "recovery_membership" not in sql
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('app.user_id', %s, true)", [str(others[1].patient.id)])
    assert CareRecord.objects.visible_to(None).count() == 1


@pytest.mark.parametrize("name", ["patient", "counsellor"])
def test_a_reference_to_a_foreign_row_stays_unknown(
    others: list[Any], no_filter: None, name: str
) -> None:
    """`Ref` also loads through the filter. With the wall alone the row does not exist."""
    mine, foreign = in_care(), others[1]
    caller = FakePhone(getattr(mine, name), methods=["passkey"])
    data = {"record": str(foreign.record.id), "id": str(mine.record.id)}
    refused = caller.do("practice.record_check_in", data | {"local_date": "2026-03-04"})
    assert refused.status_code in (400, 404)
    assert count(foreign.patient, CareRecord) == 1
