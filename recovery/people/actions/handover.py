"""What a member of staff leaves behind, and the colleague who takes it over.

A domain whose scopes need staff declares with `PLACES` how staff come and go in them, and with
`needs` what in them needs someone with which duty. Ending a role then closes every place of the
person in the same transaction. If nobody who stays has a duty that something needs, a successor
must be named.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from foundation.problems import Invalid, NotFound
from recovery.actions import Call, Ref, Refused
from recovery.feed import scopes
from recovery.feed.context import acting_as
from recovery.feed.models import Membership, Scope
from recovery.people import queries
from recovery.people.roles import DUTIES, Duty, roles_with


@dataclass(frozen=True)
class Places:
    """How staff come and go in one kind of scope.

    `entry`: the duty on the programme's staff that lets someone in. `role_in`: the role they have
    there, from their role on the staff. `lock` holds the scope's row, so that of two people who
    leave at the same time the second sees that the first is gone. `change` gets a new role.
    """

    entry: Duty
    role_in: Callable[[str], str]
    lock: Callable[[uuid.UUID], object]
    join: Callable[[Call, uuid.UUID, uuid.UUID], object]
    leave: Callable[[Call, uuid.UUID, uuid.UUID], object]
    change: Callable[[Call, uuid.UUID, uuid.UUID, str], object]


@dataclass(frozen=True)
class Need:
    """Something in a scope that needs someone on the staff with this duty. `count`: of things of
    the kind, where they are counted together."""

    kind: str
    id: uuid.UUID
    name: str
    duty: Duty
    count: int = 1

    def as_json(self, scope: Scope) -> dict[str, Any]:
        about = {"scope": scope.name, "kind": self.kind, "id": str(self.id), "name": self.name}
        return about | {"count": self.count, "needs": self.duty.code}


PLACES: dict[str, Places] = {}
Needs = Callable[[Call, uuid.UUID], Iterable[Need]]
_needs: dict[str, list[Needs]] = {}


def needs(scope_kind: str) -> Callable[[Needs], Needs]:
    """Declare what in this kind of scope needs which duties."""

    def register(found_in: Needs) -> Needs:
        _needs.setdefault(scope_kind, []).append(found_in)
        return found_in

    return register


@dataclass(frozen=True)
class Successors:
    """Who takes over: `of`, by the id of the record or group, and otherwise `default`."""

    default: uuid.UUID | None = None
    of: Mapping[uuid.UUID, uuid.UUID] | None = None

    def named_for(self, scope_id: uuid.UUID) -> uuid.UUID | None:
        return (self.of or {}).get(scope_id)


def hand_over_all(
    call: Call,
    programme_id: uuid.UUID,
    user_id: uuid.UUID,
    *,
    new_role: str | None,
    successors: Successors,
) -> list[dict[str, str]]:
    """Close every place of this member of staff in the programme, or give it their new role.

    `new_role` None: they leave the staff. Returns who took over which scope.
    Refused: `needs_successor`, with all that would be left; see also `_take_over`.
    """
    left: list[dict[str, Any]] = []
    taken: list[dict[str, str]] = []
    # Only a member of a scope can let a colleague in, and the caller is not in all of these.
    with acting_as(user_id):
        places = _scopes_of(programme_id, user_id)
        if unknown := set(successors.of or ()) - {scope.id for scope in places}:
            wrong = {str(id_): ["The person has no place in this."] for id_ in sorted(unknown)}
            raise Invalid({"successors": wrong})
        for scope in places:
            PLACES[scope.kind].lock(scope.id)
            missing = left_in(call, scope, user_id, new_role=new_role)
            named = successors.named_for(scope.id)
            if named and not missing and _role_after(scope, new_role):
                # Else an administrator who changes nothing could let anyone in, also themselves.
                kept = {str(scope.id): ["The person keeps their place in this."]}
                raise Invalid({"successors": kept})
            successor = named or (successors.default if missing else None)
            if missing and successor is None:
                left += [need.as_json(scope) for need in missing]
                continue
            if successor is not None:
                take_over(call, scope, successor, missing, leaver=user_id)
                taken.append({"scope": scope.name, "user": str(successor)})
            _go(call, scope, user_id, new_role)
    if left:
        raise Refused(
            "needs_successor",
            "Nobody else looks after some of this. Please name who takes over.",
            about=left,
        )
    return taken


def left_in(
    call: Call, scope: Scope, user_id: uuid.UUID, *, new_role: str | None = None
) -> list[Need]:
    """What in the scope would have nobody if this person left it, or had the new role."""
    staying = queries.staff_in(scope.id, scope.home_id)
    staying.pop(user_id, None)
    stays_as = _role_after(scope, new_role)
    roles = {*staying.values(), *([stays_as] if stays_as else [])}
    duties = {duty for role in roles for duty in DUTIES.get(role, ())}
    return [need for need in _needs_of(call, scope) if need.duty not in duties]


def take_over(
    call: Call, scope: Scope, successor: uuid.UUID, missing: Iterable[Need], *, leaver: uuid.UUID
) -> None:
    """Let the successor into the scope. The acting user must be in it.

    Refused: `not_staff`, `unsuitable_successor` (with what they could not do).
    """
    places = PLACES[scope.kind]
    role = queries.locked_staff_role(scope.home_id, successor)
    if successor == leaver or role not in roles_with(places.entry):
        raise Refused("not_staff", "Please name someone else on the staff as the successor.")
    able = DUTIES.get(places.role_in(role), set())
    if unable := [need for need in missing if need.duty not in able]:
        raise Refused(
            "unsuitable_successor",
            "The successor's role does not allow all of this. Please name someone else.",
            about=[need.as_json(scope) for need in unable],
        )
    if successor not in queries.staff_in(scope.id, scope.home_id):
        places.join(call, scope.id, successor)


@dataclass(frozen=True)
class Unstaffed:
    """A scope that nobody on the staff is in, and that the caller may put someone into."""

    scope_id: uuid.UUID
    programme_id: uuid.UUID


class RefOrUnstaffed(Ref):
    """Like Ref, but an administrator may also name a scope that nobody on the staff is in.

    `duty`: the one that nobody there has. The value is then an `Unstaffed`.
    """

    def __init__(self, model: Any, *, scope_kind: str, duty: Duty, **options: Any) -> None:
        super().__init__(model, **options)
        self.scope_kind, self.duty = scope_kind, duty

    def to_internal_value(self, data: Any) -> Any:
        try:
            return super().to_internal_value(data)
        except NotFound:
            scope_id = uuid.UUID(str(data))
            programme_id = scopes.programme_of_unstaffed(scope_id, self.scope_kind, self.duty.code)
            if programme_id is None:
                raise
            return Unstaffed(scope_id, programme_id)


def _scopes_of(programme_id: uuid.UUID, user_id: uuid.UUID) -> list[Scope]:
    """The scopes of the programme in which the person has a place, in the order of their ids."""
    mine = Membership.scopes_of(user_id)
    rows = Scope.objects.filter(id__any=mine, home_id=programme_id, kind__in=PLACES)
    return list(rows.order_by("id"))


def _needs_of(call: Call, scope: Scope) -> Iterator[Need]:
    for found_in in _needs.get(scope.kind, []):
        yield from found_in(call, scope.id)


def _role_after(scope: Scope, new_role: str | None) -> str | None:
    """The person's role in the scope once their role on the staff is `new_role`; None: no place."""
    places = PLACES[scope.kind]
    return places.role_in(new_role) if new_role in roles_with(places.entry) else None


def _go(call: Call, scope: Scope, user_id: uuid.UUID, new_role: str | None) -> None:
    role = _role_after(scope, new_role)
    if role is None:
        PLACES[scope.kind].leave(call, scope.id, user_id)
    else:
        PLACES[scope.kind].change(call, scope.id, user_id, role)
