"""Open scopes, and grant and revoke memberships.

A scope's id is a UUID and its name on the wire is `kind:suffix`. Where the suffix is a UUID of
the scope's own (`person`, `program`, `care`, `group`, `pair`, `supporter`), it is the id. Where
it names something else (`staff`, `moderators`, `library`), the id is derived from the name.
"""

import uuid

from foundation.postgresql import functions
from recovery.feed.collect import membership_changed
from recovery.feed.models import Membership, Scope

NAMESPACE = uuid.UUID("5a8f0f0e-0f6f-5a54-9f5b-3c1f2f7a6c11")
OWN_ID = frozenset({"person", "program", "care", "group", "pair", "supporter"})
DERIVED_ID = frozenset({"staff", "moderators", "library"})
# The scopes that there are so far: what follows the colon in their names, and who sees them.
AUDIENCES = {
    "person": ("the id of the user", "That person alone, on each of their phones."),
    "care": ("the id of the care record", "The patient, and their care team in one programme."),
    "group": ("the id of the group", "The members of the group and its facilitators."),
    "pair": ("the id of the pair", "The two people of the pair."),
    "program": ("the id of the programme", "Everyone who is in the programme, and its staff."),
    "staff": ("the id of the programme", "The staff of the programme."),
    "library": ("a language", "Everyone whose app is in that language."),
}


def scope_id(name: str) -> uuid.UUID:
    """The id of the scope called `name`. Raises ValueError if no scope can have that name."""
    kind, _, suffix = name.partition(":")
    if kind in OWN_ID:
        return uuid.UUID(suffix)
    if kind in DERIVED_ID and suffix:
        return uuid.uuid5(NAMESPACE, name)
    raise ValueError(name)


def open_scope(
    kind: str, suffix: uuid.UUID | str, *, home_id: uuid.UUID, user_id: uuid.UUID, role: str
) -> uuid.UUID:
    """Open a scope with its first member and return its id."""
    name = f"{kind}:{suffix}"
    new = scope_id(name)
    functions.run(
        "open_scope",
        new_id=new,
        new_name=name,
        new_kind=kind,
        home=home_id,
        first_user=user_id,
        first_role=role,
    )
    membership_changed(new, user_id)
    return new


def library(locale: str, *, opened_by: uuid.UUID) -> uuid.UUID:
    """The id of a language's library. The first call opens it.

    A library belongs to no treatment organisation. Its home is the system, which opens it.
    """
    scope = scope_id(f"library:{locale}")
    if not Scope.objects.filter(id=scope).exists():
        open_scope("library", locale, home_id=opened_by, user_id=opened_by, role="librarian")
    return scope


def grant(
    scope: uuid.UUID, user_id: uuid.UUID, role: str, *, held: bool = False, from_now: bool = False
) -> None:
    """Make `user_id` a member, or change their role. `from_now` hides what was written before."""
    functions.run(
        "grant_membership",
        scope=scope,
        member=user_id,
        new_role=role,
        is_held=held,
        from_now=from_now,
    )
    membership_changed(scope, user_id)


def revoke(scope: uuid.UUID, user_id: uuid.UUID) -> None:
    """End a membership. The user's phones drop the scope at their next contact."""
    [(has_ended,)] = functions.call("revoke_membership", scope=scope, member=user_id)
    if has_ended:
        membership_changed(scope, user_id)


def change_staff_places(programme_id: uuid.UUID, user_id: uuid.UUID, role: str | None) -> None:
    """Give a member of staff this role in every care record of theirs. None ends all of their
    memberships in the programme. The acting user must be one of its administrators."""
    changed = functions.call(
        "change_staff_places",
        programme=programme_id,
        staff_scope=scope_id(f"staff:{programme_id}"),
        member=user_id,
        new_role=role,
    )
    for (scope,) in changed:
        membership_changed(scope, user_id)


def programme_of_unstaffed(scope: uuid.UUID, kind: str, lacking: str) -> uuid.UUID | None:
    """The programme of a scope in which nobody on its staff has this duty.

    None if the acting user does not administer it, or someone is there, or it does not exist.
    """
    row = functions.first("programme_of_unstaffed", scope=scope, of_kind=kind, lacking=lacking)
    return row[0] if row else None


def fill_unstaffed(
    scope: uuid.UUID, kind: str, lacking: str, user_id: uuid.UUID, role: str
) -> None:
    """Put a member of staff into a scope in which nobody on the staff has this duty. The acting
    user must be an administrator of its programme."""
    functions.run(
        "fill_unstaffed",
        scope=scope,
        of_kind=kind,
        lacking=lacking,
        member=user_id,
        new_role=role,
    )
    membership_changed(scope, user_id)


def release_held(user_id: uuid.UUID) -> bool:
    """Start the memberships that were waiting for this user to acknowledge the notice.

    Returns whether there were any.
    """
    released = functions.call("release_memberships", member=user_id)
    for (scope,) in released:
        membership_changed(scope, user_id)
    return bool(released)


def role_of(scope: uuid.UUID, user_id: uuid.UUID) -> str | None:
    mine = Membership.objects.filter(scope_id=scope, user_id=user_id, held=False)
    return mine.values_list("role", flat=True).first()
