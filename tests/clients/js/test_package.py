"""What npm packs is complete: types, every entry, and nothing that an app has to add."""

from __future__ import annotations

import tarfile
from pathlib import Path

import pytest

from tests.clients.js.package import installed, packed, typed
from tools import npm
from tools.local.errors import CannotStart

pytestmark = pytest.mark.soak

PROGRAM = """
import { DatabaseSync } from 'node:sqlite'
import { dataKey, Offline, open, sqlite, systemClock, webCipher, type Transport } from 'handrail'
const db = new DatabaseSync(':memory:')
const storage = await sqlite({
  run: (sql, values = []) => db.prepare(sql).run(...values),
  all: (sql, values = []) => db.prepare(sql).all(...values),
})
const offline = () => { throw new Offline() }
const transport: Transport = {
  needsTicket: true, post: async () => offline(), get: async () => offline(), dial: offline,
}
const cipher = await webCipher(await dataKey(new Uint8Array(32)))
const app = { platform: 'web', version: '1' } as const
const clock = systemClock
const phone = await open({ home: 'http://localhost', app, storage, cipher, transport, clock })
const ids = { group: crypto.randomUUID(), id: crypto.randomUUID() }
const uuid = await phone.act('groups.post_message', { ...ids, text: 'Hello' })
console.log(phone.fate(uuid), phone.outbox().length, phone.status.screen)
await phone.close()
"""
ENTRIES = ("handrail", "handrail/indexeddb", "handrail/sqlite", "handrail/browser")


@pytest.fixture(scope="module")
def app(library: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return installed(library, tmp_path_factory.mktemp("npm"))


def test_it_and_its_tests_are_well_typed(library: Path) -> None:
    npm.run(npm.NPM, "run", "check", cwd=library)


def test_ten_lines_use_it(library: Path, app: Path) -> None:
    (app / "program.ts").write_text(PROGRAM, encoding="utf-8")
    typed(library, app, "program.ts")
    assert npm.run("program.ts", cwd=app).split() == ["waiting", "1", "new"]


def test_a_mistake_does_not_compile(library: Path, app: Path) -> None:
    wrong = PROGRAM.replace("text: 'Hello'", "txet: 'Hello'")
    (app / "wrong.ts").write_text(wrong, encoding="utf-8")
    with pytest.raises(CannotStart, match="error TS"):
        typed(library, app, "wrong.ts")


def test_every_entry_can_be_imported(app: Path) -> None:
    for entry in ENTRIES:
        program = f"console.log(Object.keys(await import('{entry}')).length > 0)"
        assert npm.run("--input-type=module", "--eval", program, cwd=app) == "true\n"


def test_it_packs_nothing_else(library: Path, tmp_path: Path) -> None:
    with tarfile.open(packed(library, tmp_path)) as archive:
        names = [name.removeprefix("package/") for name in archive.getnames()]
    outside = [name for name in names if not name.startswith("dist/")]
    assert sorted(outside) == ["README.md", "package.json"]
    assert {Path(name).suffix for name in names} == {".js", ".ts", ".md", ".json"}
    assert all(name.endswith(".d.ts") for name in names if name.endswith(".ts"))
