"""A TypeScript phone that breaks one rule, and what must fail it."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from tests.altered import replaced


class Wrong(NamedTuple):
    """`judge`: vector, play, moment or story, and its `name`. `file` is in `src/`."""

    judge: str
    name: str
    file: str
    was: str
    becomes: str
    more: tuple[tuple[str, str, str], ...] = ()

    def altered(self, library: Path) -> dict[Path, str]:
        """The text of each altered file."""
        texts: dict[Path, str] = {}
        for file, was, becomes in ((self.file, self.was, self.becomes), *self.more):
            path = library / "src" / file
            texts[path] = replaced(texts.get(path) or path.read_text(), was, becomes)
        return texts


COPY, OUTBOX, ANSWERS = "core/copy.ts", "core/outbox.ts", "core/answers.ts"
FRAMES, OVERLAY, BACKOFF = "core/frames.ts", "core/overlay.ts", "core/backoff.ts"
SESSION, SYNC, REMEDIES = "engine/session.ts", "engine/sync.ts", "engine/remedies.ts"
STORE, LIVE, FILES, WIRE = "engine/store.ts", "engine/live.ts", "engine/files.ts", "engine/wire.ts"
PHONE, HISTORY, TRIGGERS = "phone.ts", "engine/history.ts", "engine/triggers.ts"
SIGN_IN = "engine/sign_in.ts"
