"""`GET /api/documents`: every kind of document, for who writes an app. `GET /api/problems`: every
type of problem. Both say nothing about anyone, so no sign-in is needed."""

from __future__ import annotations

import functools
from typing import Any

from django.http import HttpRequest, HttpResponse

from foundation import problems
from foundation.json_text import compact
from foundation.problem_details import DETAILS, REFUSED
from foundation.problems import MethodNotAllowed, Refused, Unattachable
from recovery.actions.registry import ACTIONS
from recovery.api.actions import INTERNAL
from recovery.blobs.examine import CODES
from recovery.feed import ageing, schemas
from recovery.feed.conflicts import Policy
from recovery.feed.documents import KINDS, Kind
from recovery.feed.scopes import AUDIENCES
from recovery.feed.shapes import shape_of
from recovery.limits.consume import by_network
from recovery.signin.allowances import DOCUMENT

# Whether a change needs `base`. Kinds of other policies ignore it.
BASE = {
    Policy.AUTHOR_WITH_BASE: "required",
    Policy.FIELDS_WITH_BASE: "optional",
    Policy.LAST_PUSH_WINS: "optional",
}


def documents() -> dict[str, Any]:
    """All kinds, with what an app must know of each."""
    scopes = {
        kind: {"name": f"{kind}:<{suffix}>", "seen_by": seen_by}
        for kind, (suffix, seen_by) in AUDIENCES.items()
    }
    kinds = {name: _described(kind) for name, kind in sorted(KINDS.items())}
    newest, oldest = schemas.newest(), schemas.OLDEST
    return {"oldest_schema": oldest, "newest_schema": newest, "scopes": scopes, "kinds": kinds}


def _described(kind: Kind) -> dict[str, Any]:
    shapes = schemas.shapes(kind.name, shape_of(kind.name))
    ids = {"made_by": kind.ids.made_by, "rule": kind.ids.rule}
    if kind.ids.name:
        ids["uuid5"] = {"namespace": kind.ids.namespace, "name": kind.ids.name}  # type: ignore[assignment]
    return {
        "scopes": list(kind.scopes),
        "seen_by": _seen_by(kind),
        "days_in_feed": ageing.KEEP.days if kind.said_at else None,
        "id": ids,
        "conflict": {"policy": kind.conflict.name.lower(), "rule": kind.conflict.value},
        "base": BASE.get(kind.conflict, "ignored"),
        "actions": [name for name in kind.actions if ACTIONS[name].allow not in INTERNAL],
        "system_actions": [name for name in kind.actions if ACTIONS[name].allow in INTERNAL],
        "schemas": {str(schema): shape for schema, shape in shapes.items()},
    }


def _seen_by(kind: Kind) -> str:
    audience = " ".join(AUDIENCES[scope][1] for scope in kind.scopes)
    hidden = " Hidden from members who joined later with what is said from now on."
    return audience + (hidden if kind.said_at else "")


def problem_types() -> list[dict[str, Any]]:
    """Every type of problem that is not one action's own. Those have the `detail` of the last."""
    types: dict[str, dict[str, Any]] = {}
    for kind in problems.kinds():
        about = types.setdefault(kind.code, {"statuses": set(), "title": kind.title})
        about["statuses"].add(kind.status)
    for code in CODES:
        about = types.setdefault(code, {"statuses": set(), "title": Unattachable.title})
        about["statuses"].add(Unattachable.status)
    # A code without a class is one that `Refused` or `NotReady` is raised with.
    others: dict[str, Any] = {"statuses": {Refused.status}, "title": None}
    return [
        _problem_type(code, detail, **types.get(code, others)) for code, detail in DETAILS.items()
    ] + [_problem_type("refused", REFUSED, **others)]


def _problem_type(
    code: str, detail: str, *, statuses: set[int], title: str | None
) -> dict[str, Any]:
    """`title`: None if it depends on what was refused."""
    about = {"type": problems.type_of(code), "code": code, "statuses": sorted(statuses)}
    return about | {"title": title, "detail": detail}


@functools.cache
def _text(of: Any) -> str:
    return compact(of())


def _page(of: Any) -> Any:
    def view(request: HttpRequest) -> HttpResponse:
        if request.method not in ("GET", "HEAD"):
            raise MethodNotAllowed(headers={"Allow": "GET, HEAD"})
        return HttpResponse(_text(of), content_type="application/json")

    return by_network(DOCUMENT, view)


documents_view, problems_view = _page(documents), _page(problem_types)
