"""`python -m recovery.blobs.media`: reads a file from standard input and writes a line of JSON and
the cleaned file to standard output. With exit status 3 it writes the code of a refusal instead.

The process is limited in memory and CPU time and cannot open files or sockets. Everything that
the libraries would import lazily is therefore imported before the first byte is parsed.
"""

from __future__ import annotations

import json
import math
import os
import resource
import sys
import time
from contextlib import suppress
from dataclasses import asdict
from importlib import import_module

MEMORY_BYTES = 2**30
# Of processor time for one file. At the limit the process gets SIGXCPU, a second later SIGKILL.
CPU_SECONDS = 5
REFUSED = 3
LAZY_IMPORTS = (
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
    from PIL import Image

    from recovery.blobs.media import audio, images
    from recovery.blobs.media.kinds import NotUnderstood, kind_of

    Image.preinit()
    for name in LAZY_IMPORTS:
        import_module(name)
    data = sys.stdin.buffer.read()
    _restrict()
    try:
        kind = kind_of(data)
        media = (images if kind.kind == "image" else audio).clean(data, kind)
    except NotUnderstood as refusal:
        return _refused(refusal.code)
    except Exception:  # noqa: BLE001  # libraries raise anything for a damaged file
        return _refused(NotUnderstood.code)
    facts = asdict(media)
    cleaned = facts.pop("data")
    sys.stdout.buffer.write(json.dumps(facts).encode() + b"\n" + cleaned)
    return 0


def _restrict() -> None:
    # Requests go first.
    os.nice(10)
    # Starting has taken some already.
    spent = math.ceil(time.process_time())
    limits = {
        resource.RLIMIT_AS: (MEMORY_BYTES, MEMORY_BYTES),
        resource.RLIMIT_CPU: (spent + CPU_SECONDS, spent + CPU_SECONDS + 1),
        resource.RLIMIT_FSIZE: (0, 0),
        resource.RLIMIT_CORE: (0, 0),
        resource.RLIMIT_NOFILE: (0, 0),
    }
    for kind, limit in limits.items():
        # macOS rejects a limit on memory. It is used for development only.
        with suppress(ValueError):
            resource.setrlimit(kind, limit)


def _refused(code: str) -> int:
    sys.stdout.write(code)
    return REFUSED


if __name__ == "__main__":
    sys.exit(main())
