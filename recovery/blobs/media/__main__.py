"""`python -m recovery.blobs.media`: a file on standard input; on standard output a line of JSON
and the cleaned file, or, with exit status 3, the code of why not.

Bounded in memory and time, and unable to open anything: no file, no socket. Everything that the
libraries would fetch later is fetched before the first byte is looked at.
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
# The first ends it with a signal of its own; the second only if that is ignored.
CPU_SECONDS = 20, 25
REFUSED = 3
FETCHED_LATE = (
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

    _fetch()
    data = sys.stdin.buffer.read()
    _fence_in()
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


def _fetch() -> None:
    from PIL import Image

    for name in FETCHED_LATE:
        import_module(name)
    Image.preinit()


def _fence_in() -> None:
    """And behind everybody else who wants to compute."""
    os.nice(10)
    bounds = {
        resource.RLIMIT_AS: (MEMORY_BYTES, MEMORY_BYTES),
        resource.RLIMIT_CPU: CPU_SECONDS,
        resource.RLIMIT_FSIZE: (0, 0),
        resource.RLIMIT_CORE: (0, 0),
        resource.RLIMIT_NOFILE: (0, 0),
    }
    for what, most in bounds.items():
        # macOS, where nobody serves strangers, refuses a bound on memory.
        with suppress(ValueError):
            resource.setrlimit(what, most)


def _refused(code: str) -> int:
    sys.stdout.write(code)
    return REFUSED


if __name__ == "__main__":
    sys.exit(main())
