"""The pages of docs/ that are derived from the code, as text."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import groupby
from pathlib import Path

from recovery.actions.registry import ACTIONS, Action
from recovery.actions.self_reports import SelfReport
from recovery.api.actions import INTERNAL
from recovery.api.documents import documents, problem_types
from recovery.feed.conflicts import Policy
from recovery.feed.documents import KINDS
from recovery.management.content import KINDS as KINDS_OF_FILES
from recovery.management.content import Kind
from recovery.people.roles import DUTIES, Duty
from tools.conform.repertoire import STORIES
from tools.conform.stories import about
from tools.docs.client_schema import client_schema
from tools.docs.fields import rows_of
from tools.docs.json_schema import schema_of
from tools.docs.refusals import refusals

DOCS = Path(__file__).parents[2] / "docs"
LIBRARY = DOCS.parent / "clients" / "handrail-js"
BEGIN = "<!-- Written by `make docs`. -->\n"
END = "<!-- The end of what `make docs` writes. -->\n"
PART = re.compile(rf"(<!-- Written by `make docs`: (\w+)\. -->\n).*?{END}", re.DOTALL)

PERMISSIONS = """
# Who may do what

A person has one role in each scope that they are in. A role carries duties. The rule of an action
asks for a duty, or for the person whose row it is. Staff who lead a group are its facilitators
there, in addition to their role in the programme. The roles are in `recovery/people/roles.py`.

"""
ACTIONS_PAGE = """
# Actions

Every write is one of these. Types are those of the JSON input; `/api/docs` has the full schemas.
[permissions.md](permissions.md) says who may call each action.

"""


def protocol() -> str:
    return with_tables("protocol.md")


def conformance() -> str:
    return with_tables("conformance.md")


def with_tables(name: str) -> str:
    """This page with its tables, each between two markers."""
    text = (DOCS / name).read_text(encoding="utf-8")
    return PART.sub(lambda part: part[1] + TABLES[part[2]]() + END, text)


def kinds() -> str:
    rows = []
    for policy in Policy:
        names = sorted(kind.name for kind in KINDS.values() if kind.conflict is policy)
        rows.append([", ".join(f"`{name}`" for name in names), policy.value])
    return table(["kinds", "what happens"], rows)


def problems() -> str:
    rows = [
        [", ".join(map(str, each["statuses"])), f"`{each['code']}`", each["detail"]]
        for each in problem_types()[:-1]
    ]
    return table(["HTTP", "code", "the app"], rows)


def refused() -> str:
    rows = [[f"`{code}`", " / ".join(titles)] for code, titles in refusals().items()]
    return table(["code", "title"], rows)


def stories() -> str:
    rows = [[f"`{name}`", about(play)] for name, play in STORIES.items()]
    return table(["story", "what happens"], rows)


def documents_json() -> str:
    """What `GET /api/documents` answers."""
    return json.dumps(documents(), indent=1) + "\n"


def permissions() -> str:
    holders = [
        [f"`{duty.code}`", *("yes" if duty in has else "-" for has in DUTIES.values())]
        for duty in Duty
    ]
    meaning = [[f"`{duty.code}`", duty.value] for duty in Duty]
    who = [[f"`{name}`", sentence(action.allow)] for name, action in sorted(ACTIONS.items())]
    return (
        BEGIN
        + PERMISSIONS
        + table(["duty", *(role.replace("_", " ") for role in DUTIES)], holders)
        + "\n"
        + table(["duty", "what it allows"], meaning)
        + "\n## Who may call each action\n\n"
        + table(["action", "who"], who)
    )


def actions() -> str:
    lines = []
    for domain, names in groupby(sorted(ACTIONS), key=lambda name: name.partition(".")[0]):
        lines.append(f"## {domain.capitalize()}\n")
        for name in names:
            lines += _action(ACTIONS[name])
    return BEGIN + ACTIONS_PAGE + "\n".join(lines)


def _self_report(kind: type[SelfReport]) -> str:
    made = ", ".join(f"`{name}`" for name in kind.by_app)
    costs = f"Nothing wrong in {made} costs it." if made else ""
    return f"A [self-report](protocol.md#self-reports). {costs}".rstrip() + "\n"


def _action(action: Action) -> Iterator[str]:
    yield f"### `{action.name}`\n"
    yield sentence(action.run) + "\n"
    if issubclass(action.input, SelfReport):
        yield _self_report(action.input)
    if action.allow in INTERNAL:
        yield "Only the system calls it.\n"
    else:
        yield f"`POST /api/v1/actions/{action.name}`\n"
    rows = list(rows_of(action.input()))
    by_app = getattr(action.input, "by_app", ())
    rows = [[*row[:2], "by the app"] if row[0].strip("`") in by_app else row for row in rows]
    yield table(["field", "type", "required"], rows) if rows else "No fields.\n"


def sentence(function: Callable[..., object]) -> str:
    """The first paragraph of a docstring, on one line."""
    return " ".join((function.__doc__ or "").partition("\n\n")[0].split())


def table(head: list[str], rows: Iterable[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join("| " + " | ".join(cells) + " |\n" for cells in lines)


def content_schema(kind: Kind) -> str:
    """The JSON Schema of the files of one kind, for editors."""
    head = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"content/{kind.pattern}",
    }
    return json.dumps(head | schema_of(kind.form()), indent=1) + "\n"


TABLES: dict[str, Callable[[], str]] = {
    "kinds": kinds,
    "problems": problems,
    "refusals": refused,
    "stories": stories,
}
PAGES: dict[Path, Callable[[], str]] = {
    DOCS / "documents.json": documents_json,
    DOCS / "protocol.md": protocol,
    DOCS / "conformance.md": conformance,
    DOCS / "permissions.md": permissions,
    DOCS / "actions.md": actions,
    LIBRARY / "openapi.json": client_schema,
} | {
    DOCS / "content" / f"{kind.name}.schema.json": partial(content_schema, kind)
    for kind in KINDS_OF_FILES
}
