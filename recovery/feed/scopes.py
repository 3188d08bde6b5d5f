"""Opening scopes and letting people in and out.

A scope's id is a UUID and its name on the wire is `kind:suffix`. Where the suffix is a UUID of
the scope's own (`person`, `program`, `care`, `group`, `pair`, `supporter`) it is the id; where
it names something else (`staff`, `moderators`, `library`) the id is derived from the name.
"""

import uuid
from typing import Any

from django.db import connection

from recovery.feed.collect import membership_changed
from recovery.feed.models import Membership, Scope

NAMESPACE = uuid.UUID("5a8f0f0e-0f6f-5a54-9f5b-3c1f2f7a6c11")
OWN_ID = frozenset({"person", "program", "care", "group", "pair", "supporter"})
DERIVED_ID = frozenset({"staff", "moderators", "library"})


def scope_id(name: str) -> uuid.UUID:
    """The id of the scope called `name`. ValueError: no such name can exist."""
    kind, _, suffix = name.partition(":")
    if kind in OWN_ID:
        return uuid.UUID(suffix)
    if kind in DERIVED_ID and suffix:
        return uuid.uuid5(NAMESPACE, name)
    raise ValueError(name)


def open_scope(
    kind: str, suffix: uuid.UUID | str, *, home_id: uuid.UUID, user_id: uuid.UUID, role: str
) -> uuid.UUID:
    """Open a scope together with its first membership; answers its id."""
    name = f"{kind}:{suffix}"
    new = scope_id(name)
    _call("open_scope", new, name, kind, home_id, user_id, role)
    membership_changed(new, user_id)
    return new


def library(locale: str, *, opened_by: uuid.UUID) -> uuid.UUID:
    """The scope of a language's library, opened with the first thing that is put there.

    It belongs to no treatment organisation, so its home is whoever opened it: the system.
    """
    scope = scope_id(f"library:{locale}")
    if not Scope.objects.filter(id=scope).exists():
        open_scope("library", locale, home_id=opened_by, user_id=opened_by, role="librarian")
    return scope


def grant(
    scope: uuid.UUID, user_id: uuid.UUID, role: str, *, held: bool = False, from_now: bool = False
) -> None:
    """Let `user_id` in, or change the role; `from_now` hides what was said before."""
    _call("grant_membership", scope, user_id, role, held, from_now)
    membership_changed(scope, user_id)


def revoke(scope: uuid.UUID, user_id: uuid.UUID) -> None:
    """Take `user_id` out; their phones drop the scope at the next contact."""
    _call("revoke_membership", scope, user_id)
    membership_changed(scope, user_id)


def change_staff_places(programme_id: uuid.UUID, user_id: uuid.UUID, role: str | None) -> None:
    """Give a member of staff this role in every record they care for; None: no place anywhere
    in the programme. The acting user is one of its administrators."""
    staff = scope_id(f"staff:{programme_id}")
    sql = "SELECT * FROM change_staff_places(%s, %s, %s, %s)"
    with connection.cursor() as cursor:
        cursor.execute(sql, [programme_id, staff, user_id, role])
        changed = [row[0] for row in cursor.fetchall()]
    for scope in changed:
        membership_changed(scope, user_id)


def release_held(user_id: uuid.UUID) -> bool:
    """Begin the memberships that waited for this person's acknowledgement; whether any did."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM release_memberships(%s)", [user_id])
        released = [row[0] for row in cursor.fetchall()]
    for scope in released:
        membership_changed(scope, user_id)
    return bool(released)


def role_of(scope: uuid.UUID, user_id: uuid.UUID) -> str | None:
    """The role that `user_id` has in the scope, or None."""
    mine = Membership.objects.filter(scope_id=scope, user_id=user_id, held=False)
    return mine.values_list("role", flat=True).first()


def _call(function: str, *arguments: Any) -> None:
    marks = ", ".join(["%s"] * len(arguments))
    with connection.cursor() as cursor:
        # nosemgrep: no-sql-by-interpolation  # the name of a function of ours
        cursor.execute(f"SELECT {function}({marks})", arguments)
