"""The console's routes, and a path of each about things of the scene."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from typing import Any

from uuid_utils.compat import uuid7

from recovery.console.urls import urlpatterns
from tests.cast import Circle, act, exercise
from tests.console.planning import make_series, session_on
from tests.console.tools import done

ROUTES = {str(each.pattern): each for each in urlpatterns}
# The way in and out, which is there for everybody.
DOOR = {
    "sign-in", "sign-in/code", "sign-in/second-step", "invitation", "second-factor", "sign-out",
    "confirm", "programme", "sign-in/passkey", "sign-in/second-step/passkey", "confirm/passkey",
    "second-factor/passkey",
}  # fmt: skip
PAGES = set(ROUTES) - DOOR
# Parts of other pages.
PARTS = {"here", "signed-in"}


def attempt_of(circle: Circle) -> uuid.UUID:
    kept = vars(circle)
    if "attempt" not in kept:
        exercise("urge-surfing")
        kept["attempt"] = done(circle.records["ana"])
    return uuid.UUID(str(kept["attempt"]))


def message_of(circle: Circle) -> uuid.UUID:
    kept = vars(circle)
    if "message" not in kept:
        written = act(circle.dana, "groups.post_message", group=circle.group, text="Good morning.")
        kept["message"] = (written.data or {})["message"]
    return uuid.UUID(str(kept["message"]))


def series_of(circle: Circle) -> uuid.UUID:
    kept = vars(circle)
    if "series" not in kept:
        kept["series"] = make_series(circle)
    return uuid.UUID(str(kept["series"]))


def session_of(circle: Circle) -> str:
    return session_on("2026-03-04", series_of(circle))


# What a parameter of a route names in the scene. A new one has to be sorted in.
NAMED: dict[str, Callable[[Circle], Any]] = {
    "record": lambda circle: circle.records["ana"].id,
    "group": lambda circle: circle.group,
    "attempt": attempt_of,
    "user": lambda circle: circle.dana.id,
    "invitation": lambda circle: circle.records["ana"].id,
    "message": message_of,
    "series": series_of,
    "session": session_of,
}


def path_of(route: str, circle: Circle | None = None) -> str:
    """A path of this route: about things of the scene, or that do not exist."""

    def named(match: re.Match[str]) -> str:
        name = match[1]
        return str(NAMED[name](circle) if circle and name in NAMED else uuid7())

    return "/" + re.sub(r"<\w+:(\w+)>", named, route)
