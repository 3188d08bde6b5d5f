"""`python -m recovery.blobs.media`: a file on standard input; on standard output a line of JSON
and the cleaned file, or, with exit status 3, the code of why not.

Bounded in memory, time and what it may write, so that a file made to hurt hurts only this process.
"""

from __future__ import annotations

import json
import resource
import sys
from contextlib import suppress
from dataclasses import asdict

MEMORY_BYTES = 2**30
CPU_SECONDS = 20
REFUSED = 3


def main() -> int:
    _fence_in()
    from recovery.blobs.media import audio, images  # inside the fence
    from recovery.blobs.media.kinds import NotUnderstood, kind_of

    data = sys.stdin.buffer.read()
    try:
        kind = kind_of(data)
        media = (images if kind.kind == "image" else audio).clean(data, kind)
    except NotUnderstood as refusal:
        return _refused(refusal.code)
    except Exception:  # noqa: BLE001  # whatever a library makes of a damaged file
        return _refused(NotUnderstood.code)
    facts = asdict(media)
    cleaned = facts.pop("data")
    sys.stdout.buffer.write(json.dumps(facts).encode() + b"\n" + cleaned)
    return 0


def _fence_in() -> None:
    bounds = {
        resource.RLIMIT_AS: MEMORY_BYTES,
        resource.RLIMIT_CPU: CPU_SECONDS,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_CORE: 0,
    }
    for what, most in bounds.items():
        # macOS, where nobody serves strangers, refuses a bound on memory.
        with suppress(ValueError):
            resource.setrlimit(what, (most, most))


def _refused(code: str) -> int:
    sys.stdout.write(code)
    return REFUSED


if __name__ == "__main__":
    sys.exit(main())
