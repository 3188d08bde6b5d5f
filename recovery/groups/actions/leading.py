"""Who leads a group: cover during holidays, and handing over."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from itertools import chain, count

from rest_framework import serializers

from foundation.problems import NotAllowed
from recovery.actions import ActionInput, Call, Ref, Refused, action
from recovery.actions.alone import alone
from recovery.actions.fields import Name
from recovery.care.rules.access import may_fill
from recovery.conversations.actions import close_card, open_card, require_own_alias
from recovery.conversations.models import MemberCard
from recovery.conversations.queries import alias_taken, cards
from recovery.feed import scopes
from recovery.feed.context import acting_as
from recovery.feed.models import Scope
from recovery.groups.models import PeerGroup
from recovery.groups.rules import LEADERS, facilitates
from recovery.people import roles
from recovery.people.actions.handover import (
    PLACES,
    Need,
    Places,
    RefOrUnstaffed,
    Unstaffed,
    left_in,
    needs,
    take_over,
)
from recovery.people.queries import locked_staff_role, staff_in, staff_member
from recovery.people.roles import Duty

ALIAS_LENGTH = 40


class AddFacilitator(ActionInput):
    """`colleague`: the user id of another member of staff. `alias`: how members know them."""

    group = RefOrUnstaffed(PeerGroup, scope_kind="group", duty=Duty.MODERATES, lock=True)
    colleague = serializers.UUIDField()
    alias = Name(max_length=ALIAS_LENGTH)


@action(
    "groups.add_facilitator",
    input=AddFacilitator,
    allow=facilitates("group") | may_fill("group"),
)
def add_facilitator(
    call: Call, *, group: PeerGroup | Unstaffed, colleague: uuid.UUID, alias: str
) -> dict[str, str]:
    """Let a colleague lead the group too. They can read earlier messages, because the members
    consented to the staff who lead it. Refused: `not_staff`, `leads_already`, `alias_taken`."""
    if isinstance(group, Unstaffed):
        return {"member_card": str(_fill(group, colleague, alias, call).id)}
    _require_leader(group.programme_id, colleague)
    if scopes.role_of(group.scope_id, colleague):
        raise Refused("leads_already", "This person is already in the group.")
    require_own_alias(group.scope_id, alias, colleague)
    scopes.grant(group.scope_id, colleague, roles.FACILITATOR)
    return {"member_card": str(_show(call, group.scope_id, colleague, alias).id)}


class StepBack(ActionInput):
    """`successor`: leads the group from now on."""

    # Locked, so that of two facilitators who step back at the same time, one stays.
    group = Ref(PeerGroup, lock=True)
    successor = serializers.UUIDField(required=False, allow_null=True)


@action("groups.step_back", input=StepBack, allow=facilitates("group"))
def step_back(
    call: Call, *, group: PeerGroup, successor: uuid.UUID | None = None
) -> dict[str, str]:
    """Stop leading the group. The caller's invitations to it stay: those who lead it let people in.

    Refused: `last_to_lead` (with what would be left), `not_staff`.
    """
    scope = Scope.objects.get(id=group.scope_id)
    left = left_in(call, scope, call.actor.id)
    if successor is not None:
        take_over(call, scope, successor, left, leaver=call.actor.id)
    elif left:
        raise Refused(
            "last_to_lead",
            "A group needs a leader. Please add a colleague first, or name a successor.",
            about=[need.as_json(scope) for need in left],
        )
    _leave(call, group.scope_id, call.actor.id)
    return {"group": str(group.scope_id)}


def _require_leader(programme_id: uuid.UUID, user_id: uuid.UUID) -> None:
    if locked_staff_role(programme_id, user_id) not in LEADERS:
        raise Refused(
            "not_staff", "This person is not on the program's staff, or does not lead groups."
        )


def _show(call: Call, scope_id: uuid.UUID, user_id: uuid.UUID, alias: str) -> MemberCard:
    return open_card(call, scope_id, user_id, alias=alias, avatar="", role=roles.FACILITATOR)


def _fill(place: Unstaffed, user_id: uuid.UUID, alias: str, call: Call) -> MemberCard:
    """Put a member of staff into a group that nobody leads."""
    # As when staff leave: nobody else fills or ends a place of the programme meanwhile.
    alone("people.staff", place.programme_id)
    _require_leader(place.programme_id, user_id)
    lacking = Duty.MODERATES.code
    if scopes.programme_of_unstaffed(place.scope_id, "group", lacking) is None:
        raise NotAllowed  # someone leads it by now
    scopes.fill_unstaffed(place.scope_id, "group", lacking, user_id, roles.FACILITATOR)
    # The caller is not in the group and stays out of it.
    with acting_as(user_id):
        staff = staff_in(place.scope_id, place.programme_id).keys() - {user_id}
        led = cards(place.scope_id).filter(role=roles.FACILITATOR)
        for ghost in led.exclude(user_id__in=staff):
            close_card(call, ghost)
        _lock(place.scope_id)
        require_own_alias(place.scope_id, alias, user_id)
        return _show(call, place.scope_id, user_id, alias)


def _lock(scope_id: uuid.UUID) -> None:
    PeerGroup.objects.in_scope(scope_id).select_for_update(no_key=True).first()


def _join(call: Call, scope_id: uuid.UUID, user_id: uuid.UUID) -> None:
    """Let a successor lead the group, under the name by which the programme knows them."""
    programme_id = Scope.objects.values_list("home_id", flat=True).get(id=scope_id)
    scopes.grant(scope_id, user_id, roles.FACILITATOR)
    _show(call, scope_id, user_id, _free_alias(programme_id, scope_id, user_id))


def _free_alias(programme_id: uuid.UUID, scope_id: uuid.UUID, user_id: uuid.UUID) -> str:
    member = staff_member(programme_id, user_id)
    first_name = member.given_name if member else ""
    whole = (member.full_name if member else "") or roles.FACILITATOR.title()
    numbered = (f"{whole[: ALIAS_LENGTH - 5]} {n}" for n in count(2))
    names = chain([(first_name or whole)[:ALIAS_LENGTH], whole[:ALIAS_LENGTH]], numbered)
    return next(alias for alias in names if not alias_taken(scope_id, alias, user_id))


def _leave(call: Call, scope_id: uuid.UUID, user_id: uuid.UUID) -> None:
    for card in cards(scope_id).filter(user_id=user_id):
        close_card(call, card)
    scopes.revoke(scope_id, user_id)


def _change(call: Call, scope_id: uuid.UUID, user_id: uuid.UUID, role: str) -> None:
    """Who leads a group is its facilitator, whatever their role on the staff."""


PLACES["group"] = Places(
    entry=Duty.LEADS_GROUPS,
    role_in=lambda role: roles.FACILITATOR,
    lock=_lock,
    join=_join,
    leave=_leave,
    change=_change,
)


@needs("group")
def group_needs(call: Call, scope_id: uuid.UUID) -> Iterator[Need]:
    """The group itself."""
    for group in PeerGroup.objects.in_scope(scope_id):
        yield Need("group", group.id, group.name, Duty.MODERATES)
