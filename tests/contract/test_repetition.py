"""The same request under another key: someone pressed the button twice, or two phones of one
person say the same. For every action it is decided whether that counts twice.

Every move of every story is made again, in a transaction that is rolled back, and the new rows are
counted. An action that adds some says why in ADDS.
"""

from __future__ import annotations

from typing import Any

import pytest
from django.apps import apps
from django.db import models, transaction
from uuid_utils.compat import uuid7

from recovery.actions.perform import attempt
from recovery.actions.registry import ACTIONS
from recovery.feed.walls import WALLED, table_class
from tests.contract import cases  # noqa: F401  # registration
from tests.contract.story import STORIES, Move, Story, make, play
from tests.roles import as_role

# What is written about every request, and what follows from other rows.
ABOUT_REQUESTS = {
    "AuditEvent",
    "Receipt",
    "FailedMutation",
    "FeedEntry",
    "Intent",
    "Letter",
    "Delivery",
    "Scope",
    "Membership",
}
COUNTED = [
    model
    for model in apps.get_models()
    if table_class(model) in (*WALLED, "account") and model.__name__ not in ABOUT_REQUESTS
]
# Actions that count twice, with the rows that they add and the reason.
ACCOUNT = {"User", "Person", "Invitation"}
RECORD = {"CareRecord", "CareTeamMember", "Episode", "EpisodeChapter", "WeekOfHours"}
# A code, and what its owner sees of it.
CODE = {"Invitation", "AccountRecovery"}
ADDS: dict[str, tuple[set[str], str]] = {
    "care.admit_patient": (ACCOUNT | RECORD | {"NoticeRequest"}, "each admits a person"),
    "people.invite_staff": (
        ACCOUNT | {"StaffMember"},
        "each opens an account; two colleagues may have one name and a shared address",
    ),
    "people.recover_staff": (CODE, "each is a new code, which ends the earlier one"),
    "people.renew_invitation": (CODE, "each is a new code, which ends the earlier one"),
    "people.request_address_code": ({"AddressCode"}, "each sends a new code"),
}


@pytest.mark.usefixtures("committed_db")
@pytest.mark.parametrize("story", STORIES.values(), ids=STORIES)
def test_a_repeated_request_adds_only_what_counts_twice(story: Story) -> None:
    def do(move: Move) -> dict[str, Any]:
        outcome = make(move)
        added = again(move)
        allowed, _ = ADDS.get(move.action, (set(), ""))
        assert added <= allowed, f"{move.action} adds {added}"
        return outcome.data or {}

    play(story, do)


def again(move: Move) -> set[str]:
    """The models of which a second request adds rows. In role `jobs`, which can count them all."""
    with as_role("jobs"), transaction.atomic():
        before = counts()
        attempt(move.action, data=move.args(), call=move.call(key=uuid7()))
        after = counts()
        transaction.set_rollback(True)
    return {name for name, n in after.items() if n > before[name]}


def counts() -> dict[str, int]:
    return {model.__name__: rows(model).count() for model in COUNTED}


def rows(model: type[models.Model]) -> models.QuerySet[Any]:
    return model._default_manager.all()


def test_what_counts_twice_is_an_action_and_says_why() -> None:
    assert ADDS.keys() <= ACTIONS.keys()
    assert all(models and reason for models, reason in ADDS.values())
