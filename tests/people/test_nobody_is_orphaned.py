"""As people are hired, change roles, join, leave or are replaced, each record and group has someone
on the staff, or the list of the administrators shows it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from uuid_utils.compat import uuid7

from foundation.problems import Refusal
from recovery.care.models import CareTeamMember
from recovery.conversations.models import MemberCard
from recovery.feed.models import Membership
from recovery.people.roles import STAFF_ROLES, Duty, roles_with
from recovery.signin.models import User
from tests.cast import (
    NORTHLIGHT,
    FakePhone,
    act,
    admit,
    answer,
    documents,
    employ,
    hire,
    load_programme,
)
from tests.roles import as_role

who = st.integers(0, 3)
steps = st.one_of(
    st.tuples(st.just("hire"), who, st.sampled_from(STAFF_ROLES)),
    st.tuples(st.just("role"), who, st.sampled_from(STAFF_ROLES), st.none() | who),
    st.tuples(st.just("end"), who, st.none() | who),
    st.tuples(st.just("assign"), who, who),
    st.tuples(st.just("leave"), who, st.none() | who),
    st.tuples(st.just("lead"), who, who),
    st.tuples(st.just("step back"), who, st.none() | who),
    st.tuples(st.just("fill"), who),
)


class Play:
    """A programme in which four people on the staff come and go. Refusals are part of the play."""

    def __init__(self) -> None:
        self.fay = employ(role="admin")
        self.staff = [hire(self.fay, NORTHLIGHT, name=(f"N{n}", "Hale")) for n in range(4)]
        _, self.record = admit(self.staff[0])
        self.group = uuid7()
        act(self.staff[0], "groups.create", id=self.group, programme=NORTHLIGHT, name="G",
            alias="Lead")  # fmt: skip

    def do(self, step: tuple[Any, ...]) -> None:
        try:
            getattr(self, f"_{step[0].replace(' ', '_')}")(*step[1:])
        except Refusal:
            return

    def _hire(self, n: int, role: str) -> None:
        self.staff[n] = hire(self.fay, NORTHLIGHT, role, (f"N{n}", "Hale"))

    def _role(self, n: int, role: str, heir: int | None) -> None:
        self._office("people.change_role", n, heir, role=role)

    def _end(self, n: int, heir: int | None) -> None:
        self._office("people.end_staff", n, heir)

    def _office(self, action: str, n: int, heir: int | None, **more: Any) -> None:
        person = {"programme": NORTHLIGHT, "user": self.staff[n].id}
        act(self.fay, action, **person, **self._heir(heir), **more)

    def _heir(self, heir: int | None) -> dict[str, Any]:
        return {} if heir is None else {"successor": self.staff[heir].id}

    def _assign(self, by: int, n: int) -> None:
        to = {"record": self.record, "user": self.staff[n].id}
        act(self.staff[by], "care.assign_team_member", **to)

    def _leave(self, n: int, heir: int | None) -> None:
        mine = [m for m in documents(self.staff[n], "care_team_member", self.record)
                if m["user_id"] == str(self.staff[n].id) and not m["until"]]  # fmt: skip
        for member in mine:
            act(self.staff[n], "care.end_team_member", record=self.record, member=member["id"],
                **self._heir(heir))  # fmt: skip

    def _lead(self, by: int, n: int) -> None:
        to = {"group": self.group, "colleague": self.staff[n].id, "alias": f"{uuid7()}"}
        act(self.staff[by], "groups.add_facilitator", **to)

    def _step_back(self, n: int, heir: int | None) -> None:
        act(self.staff[n], "groups.step_back", group=self.group, **self._heir(heir))

    def _fill(self, n: int) -> None:
        act(self.fay, "care.assign_team_member", record=self.record, user=self.staff[n].id)


@pytest.mark.usefixtures("committed_db")
@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(plan=st.lists(steps, min_size=4, max_size=10))
def test_every_record_and_group_has_someone_or_is_shown(plan: list[tuple[Any, ...]]) -> None:
    load_programme()
    play = Play()
    for step in plan:
        play.do(step)
    shown = {(row["kind"], UUID(row["id"])) for row in unattended(play.fay)}
    with as_role("jobs"):
        team, leaders = living(play.record, Duty.CARES), living(play.group, Duty.MODERATES)
        on_team = CareTeamMember.objects.in_scope(play.record).filter(until=None)
        cards = MemberCard.objects.in_scope(play.group).filter(left_at=None)
        named = {row.user_id for row in on_team}, {card.user_id for card in cards}
    assert bool(team) != (("record", play.record) in shown)
    assert bool(leaders) != (("group", play.group) in shown)
    # The documents name who is there, and nobody who has gone.
    assert named == (team, leaders)


def living(scope: UUID, duty: Duty) -> set[UUID]:
    here = Membership.objects.filter(scope_id=scope, held=False, role__in=roles_with(duty))
    users = User.objects.filter(id__in=here.values("user_id"), is_active=True)
    return set(users.values_list("id", flat=True))


def unattended(user: User) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = answer(
        FakePhone(user).get(f"people/unattended?programme={NORTHLIGHT}")
    )["results"]
    return rows
