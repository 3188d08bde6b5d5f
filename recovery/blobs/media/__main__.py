"""`python -m recovery.blobs.media` cleans the file on standard input.

On standard output it writes a line of JSON and the cleaned file. If the file is refused, it writes
the code of the reason and exits with status 3.

Memory and CPU time are limited, and no file or socket can be opened. For that reason, everything
the libraries would import later is imported before the first byte is parsed.
"""

from __future__ import annotations

import json
import os
import resource
import sys
from contextlib import suppress
from dataclasses import asdict
from importlib import import_module

MEMORY_BYTES = 2**30
# Soft and hard limit: SIGXCPU at the first, SIGKILL at the second.
CPU_SECONDS = 20, 25
REFUSED = 3
IMPORTED_LATE = (
    "PIL.JpegImagePlugin",
    "PIL.MpoImagePlugin",
    "PIL.PngImagePlugin",
    "PIL.WebPImagePlugin",
    "av.audio.codeccontext",
    "av.audio.stream",
    "av.subtitles.codeccontext",
    "av.subtitles.stream",
    "av.video.codeccontext",
    "av.video.stream",
)


def main() -> int:
    from recovery.blobs.media import audio, images
    from recovery.blobs.media.kinds import NotUnderstood, kind_of

    _import_all()
    data = sys.stdin.buffer.read()
    _limit_resources()
    try:
        kind = kind_of(data)
        media = (images if kind.kind == "image" else audio).clean(data, kind)
    except NotUnderstood as refusal:
        return _refused(refusal.code)
    except Exception:  # noqa: BLE001  # a damaged file can raise anything
        return _refused(NotUnderstood.code)
    facts = asdict(media)
    cleaned = facts.pop("data")
    sys.stdout.buffer.write(json.dumps(facts).encode() + b"\n" + cleaned)
    return 0


def _import_all() -> None:
    from PIL import Image

    for name in IMPORTED_LATE:
        import_module(name)
    Image.preinit()


def _limit_resources() -> None:
    os.nice(10)  # requests go first
    limits = {
        resource.RLIMIT_AS: (MEMORY_BYTES, MEMORY_BYTES),
        resource.RLIMIT_CPU: CPU_SECONDS,
        resource.RLIMIT_FSIZE: (0, 0),
        resource.RLIMIT_CORE: (0, 0),
        resource.RLIMIT_NOFILE: (0, 0),
    }
    for kind, limit in limits.items():
        # macOS, used for development only, refuses a limit on memory.
        with suppress(ValueError):
            resource.setrlimit(kind, limit)


def _refused(code: str) -> int:
    sys.stdout.write(code)
    return REFUSED


if __name__ == "__main__":
    sys.exit(main())
