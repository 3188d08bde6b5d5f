"""Opening an account: one person, their own scope, the library of their language."""

from __future__ import annotations

import uuid
from typing import Any

from django.db import connection
from uuid_utils.compat import uuid7

from recovery.actions import Call
from recovery.feed import publish, scopes
from recovery.feed.collect import membership_changed
from recovery.feed.context import acting_as
from recovery.people.models import Person
from recovery.signin.models import User


def open_account(
    call: Call, *, home_id: uuid.UUID, locale: str, is_staff: bool, **facts: Any
) -> User:
    """A new account without any credential; `facts` are the fields of `Person`.

    The e-mail address becomes its sign-in name only when the person enrols: until then nobody
    can learn from an invitation whether an address has an account.
    """
    user = User(id=uuid7(), locale=locale, is_staff=is_staff, created_at=call.now)
    user.set_unusable_password()
    user.save(force_insert=True)
    scopes.open_scope("person", user.id, home_id=home_id, user_id=user.id, role="self")
    join_library(user)
    # The new person cannot act yet, and their own scope is open to nobody else.
    with acting_as(user.id):
        person = Person(id=user.id, scope_id=user.id, **facts)
        person.save(force_insert=True)
        publish(person)
    return user


def join_library(user: User) -> None:
    """Let the account read the library of its language."""
    name = f"library:{user.locale}"
    library = scopes.scope_id(name)
    with connection.cursor() as cursor:
        cursor.execute("SELECT join_library(%s, %s, %s)", [library, name, user.id])
    membership_changed(library, user.id)
