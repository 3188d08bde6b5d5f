"""`python -m tests.faults.make_circle 6`: a group of six with signed-in phones, as one JSON line.

It is a separate program, because Django uses one database for the life of a process. The first
member leads the group. A second group, without these members, has a message of its own.
"""

from __future__ import annotations

import importlib
import json
import sys
from typing import Any

import django


def main(size: int) -> None:
    django.setup()
    made = _circle(size)
    elsewhere = _circle(3)
    _act(elsewhere["members"][0]["user"], elsewhere["group"], "Not for you")
    print(json.dumps(made))


def _circle(size: int) -> dict[str, Any]:
    from uuid_utils.compat import uuid7

    cast = importlib.import_module("tests.cast")
    bounds = {"size": {"min": 2, "max": size + 1}}
    circle = cast.make_circle(slug=f"faults-{uuid7()}", group=bounds)
    people = [circle.dana, circle.ana, circle.ben]
    people += [circle.bring_in(f"member-{number}") for number in range(size - len(people))]
    return {
        "group": str(circle.group),
        "members": [_member(circle, person) for person in people],
    }


def _member(circle: Any, user: Any) -> dict[str, Any]:
    from django.utils import timezone

    sign_in = importlib.import_module("tests.cast").sign_in
    return {
        "user": str(user.id),
        "card": circle.card(user),
        "tokens": sign_in(user, now=timezone.now()),
    }


def _act(user_id: str, group: str, text: str) -> None:
    from uuid_utils.compat import uuid7

    from recovery.signin.models import User

    act = importlib.import_module("tests.cast").act
    user = User.objects.get(id=user_id)
    act(user, "groups.post_message", group=group, id=uuid7(), text=text)


if __name__ == "__main__":
    main(int(sys.argv[1]))
