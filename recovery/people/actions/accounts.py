"""Accounts: opening one, and signing its owner out everywhere."""

from __future__ import annotations

import uuid
from datetime import date

from uuid_utils.compat import uuid7

from foundation.postgresql import functions
from recovery.actions import Call
from recovery.feed import publish, scopes
from recovery.feed.collect import membership_changed
from recovery.feed.context import acting_as
from recovery.people.actions.inputs import Name
from recovery.people.models import Person
from recovery.signin import queries
from recovery.signin.actions.sessions import end
from recovery.signin.models import User


def open_account(
    call: Call,
    *,
    home_id: uuid.UUID,
    locale: str,
    is_staff: bool,
    name: Name,
    email: str,
    called: str = "",
    phone: str = "",
    date_of_birth: date | None = None,
) -> User:
    """Create an account without any credential: a user, their own scope, the person in it.

    The e-mail address becomes the sign-in name only when the person enrols. Until then, an
    invitation does not reveal whether an address has an account.
    """
    user = User(id=uuid7(), locale=locale, is_staff=is_staff, created_at=call.now)
    user.set_unusable_password()
    user.save(force_insert=True)
    scopes.open_scope("person", user.id, home_id=home_id, user_id=user.id, role="self")
    join_library(user)
    # Only the new person can write in their own scope, and they cannot act yet.
    with acting_as(user.id):
        person = Person(
            id=user.id,
            scope_id=user.id,
            **name,
            called=called,
            date_of_birth=date_of_birth,
            email=email,
            email_by=call.actor.id,
            phone=phone,
        )
        person.save(force_insert=True)
        publish(person)
    return user


def join_library(user: User) -> None:
    """Make the account a member of the library of its language."""
    name = f"library:{user.locale}"
    library = scopes.scope_id(name)
    functions.run("join_library", library=library, library_name=name, member=user.id)
    membership_changed(library, user.id)


def end_sessions(call: Call, user_id: uuid.UUID, *, why: str, wipe: bool = False) -> None:
    """Sign a user out of every device, also of those whose sessions have run out."""
    # Device sessions are in the owner's own scope. Staff can end them but never see them.
    with acting_as(user_id):
        for session in queries.unended_sessions(user_id).select_for_update(no_key=True):
            end(session, why=why, wipe=wipe, now=call.now)


def close_account(call: Call, user_id: uuid.UUID) -> None:
    """End an account: no one can use it any more, and nothing is pushed to its devices."""
    User.objects.filter(id=user_id).update(is_active=False)
    end_sessions(call, user_id, why="disabled")


def reopen_account(user_id: uuid.UUID) -> None:
    """Let the owner sign in again: the account was closed by mistake."""
    User.objects.filter(id=user_id).update(is_active=True)
