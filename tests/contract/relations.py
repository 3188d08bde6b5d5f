"""People who stand in each relation to what happens in a scene, other than being part of it."""

from __future__ import annotations

from collections.abc import Callable

from recovery.people.roles import STAFF_ROLES
from recovery.signin.models import User
from tests.cast import make_olive, make_user
from tests.databases import as_owner

# A membership of every scope of these kinds that is there, as it would be for the relation.
ENTER = """
INSERT INTO recovery_membership (scope_id, user_id, role, "grant", visible_from, held)
SELECT id, %(user)s, %(role)s, 1, 0, %(held)s FROM recovery_scope
WHERE kind = ANY(%(kinds)s) ON CONFLICT DO NOTHING
"""
# What the functions in recovery/feed/sql/scopes.sql leave of a membership that has ended.
LEAVE = """
UPDATE recovery_membership SET role = 'gone', "grant" = "grant" + 1, held = true
WHERE user_id = %(user)s AND scope_id IN (SELECT id FROM recovery_scope WHERE kind <> 'person')
"""
# Everyone whose scope is there blocks the user.
BLOCK = """
INSERT INTO recovery_block (id, scope_id, blocked_user_id, card_id, alias, since)
SELECT gen_random_uuid(), id, %(user)s, gen_random_uuid(), 'Blocked', now() FROM recovery_scope
WHERE kind = 'person' AND id <> %(user)s
"""
# Not the library: to answer its notice is everybody's own affair.
SHARED = ["program"]
PROGRAMME = ["program", "staff"]
CLOSED = ["program", "staff", "care", "group", "pair"]


def _in_scopes(user: User, role: str, kinds: list[str], *, held: bool = False) -> User:
    as_owner().execute(ENTER, {"user": user.id, "role": role, "held": held, "kinds": kinds})
    return user


def _former(*, is_staff: bool) -> User:
    """Someone who was in all of it."""
    user = _in_scopes(make_user(is_staff=is_staff), "counsellor" if is_staff else "patient", CLOSED)
    as_owner().execute(LEAVE, {"user": user.id})
    return user


def _blocked(user: User) -> User:
    as_owner().execute(BLOCK, {"user": user.id})
    return user


COLLEAGUE = "a colleague, in no care team and no group"
# What every counsellor of the programme may do: docs/permissions.md.
MAY = {
    COLLEAGUE: {
        "care.admit_patient",
        "groups.create",
        "people.approve_invitation",
        "people.revoke_invitation",
        "people.sign_out_person",
    }
}
RELATIONS: dict[str, Callable[[], User]] = {
    "a stranger": make_user,
    "a stranger on some staff": lambda: make_user(is_staff=True),
    "a former member": lambda: _former(is_staff=False),
    "a former colleague": lambda: _former(is_staff=True),
    "a patient of the programme, in no group": lambda: _in_scopes(make_user(), "patient", SHARED),
    COLLEAGUE: lambda: _in_scopes(make_user(is_staff=True), "counsellor", PROGRAMME),
    "a former member whom everyone has blocked": lambda: _blocked(_former(is_staff=False)),
    "someone who has not taken note of the notice yet": lambda: _in_scopes(
        make_user(), "patient", CLOSED, held=True
    ),
    **{f"{role} elsewhere": lambda role=role: make_olive(role) for role in STAFF_ROLES},  # type: ignore[misc]
}
