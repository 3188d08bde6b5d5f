"""I18: what released apps understand and send still means the same.

`schema_<n>/<kind>.json` is a document as apps of schema n know it, `mutations/<action>.v<n>.json`
what they send. They are never edited. When one no longer fits, the shape changed: raise the schema
or the version and write the way back (recovery/feed/schemas.py) or forward (`upgrade` beside the
action), then let `make golden` write the files that are new.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from recovery.actions.registry import ACTIONS, UPGRADES, upgraded
from recovery.feed import schemas
from recovery.feed.documents import KINDS, render
from tests.golden.inputs import input_of, misfits, of_action
from tests.golden.specimens import specimen

pytestmark = pytest.mark.django_db
HERE = Path(__file__).parent
INPUTS = HERE / "mutations"
SCHEMAS = range(schemas.OLDEST, schemas.newest() + 1)


def shape_at(kind: str, schema: int) -> int | None:
    """The schema in which the kind last changed before this one; None: there was none then."""
    steps = [s for s in schemas.STEPS if s.kind == kind]
    born = next((s.schema for s in steps if s.down is None), schemas.OLDEST)
    changed = [s.schema for s in steps if s.schema <= schema]
    return max([born, *changed]) if schema >= born else None


def file_of(kind: str, schema: int) -> Path:
    return HERE / f"schema_{schema}" / f"{kind}.json"


def documents(kind: str, schema: int) -> list[Any]:
    """A full and a bare row's, as an app of this schema gets them."""
    rows = [specimen(KINDS[kind].model, bare=bare) for bare in (False, True)]
    entries = [schemas.older([kind, "id", 1, json.loads(render(row))], schema) for row in rows]
    return [entry[3] for entry in entries if entry]


def golden(path: Path, now: Any) -> Any:
    """What was written when the app was released; written now if asked for and not there yet."""
    if not path.exists() and os.environ.get("WRITE_GOLDEN"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(now, indent=1, ensure_ascii=False) + "\n")
    assert path.exists(), f"{path.name} is missing: make golden"
    return json.loads(path.read_text())


@pytest.mark.parametrize("schema", SCHEMAS)
@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_document_is_what_apps_know(kind: str, schema: int) -> None:
    written = shape_at(kind, schema)
    if written is None:
        assert documents(kind, schema) == []
        return
    now = documents(kind, schema)
    known = golden(file_of(kind, written), now)
    assert [_without_news(new, old) for new, old in zip(now, known, strict=True)] == known


def _without_news(now: dict[str, Any], known: dict[str, Any]) -> dict[str, Any]:
    """Fields that were added since are no change of shape."""
    return {name: value for name, value in now.items() if name in known}


@pytest.mark.parametrize("name", sorted(ACTIONS))
def test_an_input_of_any_version_is_taken(name: str) -> None:
    action = ACTIONS[name]
    for version in range(1, action.version + 1):
        path = INPUTS / f"{name}.v{version}.json"
        now = [of_action(action, bare=bare) for bare in (False, True)]
        for data in golden(path, now):
            current = upgraded(action, data, version)
            assert misfits(input_of(action), current) == {}, f"{path.name} no longer fits"


def test_every_version_has_a_way_forward() -> None:
    needed = {(a.name, n) for a in ACTIONS.values() for n in range(1, a.version)}
    assert set(UPGRADES) == needed


def test_no_golden_file_is_of_something_that_is_gone() -> None:
    """A kind or an action that apps in use know is not taken away."""
    kinds = {path.stem for path in HERE.glob("schema_*/*.json")}
    inputs = {path.name.rpartition(".v")[0] for path in INPUTS.glob("*.json")}
    assert (kinds - KINDS.keys(), inputs - ACTIONS.keys()) == (set(), set())


def test_a_change_of_shape_is_noticed() -> None:
    """The tests above can fail: a field renamed, taken away, or of another type."""
    [known, _] = json.loads(file_of("message", 1).read_text())
    for now in (
        {"words" if name == "text" else name: value for name, value in known.items()},
        {name: value for name, value in known.items() if name != "author"},
        known | {"edited_at": 1_772_463_600},
    ):
        assert _without_news(now, known) != known
    assert _without_news(known | {"mood": 3}, known) == known


def test_a_change_of_an_input_is_noticed() -> None:
    serializer = input_of(ACTIONS["groups.post_message"])
    [full, bare] = json.loads((INPUTS / "groups.post_message.v1.json").read_text())
    assert misfits(serializer, full | {"colour": "red"}) == {"colour": "no such field"}
    assert list(misfits(serializer, full | {"id": "seven", "text": "x" * 4001})) == ["id", "text"]
    without = {name: value for name, value in bare.items() if name != "group"}
    assert list(misfits(serializer, without)) == ["group"]
