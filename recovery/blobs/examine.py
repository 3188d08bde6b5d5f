"""Check and clean a file in a separate process. See media/__main__.py."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from threading import BoundedSemaphore

import structlog
from django.conf import settings

from foundation.problems import FileUnchecked, Interrupted, Unattachable
from recovery.blobs.media.kinds import KINDS, Media, NotUnderstood, TooLarge, TooManyPixels

log = structlog.get_logger()
SECONDS = 30
# A request that waits holds a web thread.
WAIT_SECONDS = 5
REFUSED = 3
CODES = (NotUnderstood.code, TooManyPixels.code, TooLarge.code)
# The file hit a resource limit or crashed a library. Any other signal came from outside: a
# deployment, or the kernel's out-of-memory killer.
CAUSED_BY_FILE = (signal.SIGXCPU, signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS)
NAMES = {(kind.kind, kind.media_type) for kind in KINDS}
LARGEST_NUMBER = 2**31 - 1
# A decoded picture takes a hundred megabytes and most of a core.
_one_at_a_time = BoundedSemaphore(1)


def examine(data: bytes) -> Media:
    """Return the cleaned file.

    Unattachable: `not_understood`, `too_many_pixels` or `too_large`. Interrupted: the check took
    too long or was killed, which need not be the file's fault. FileUnchecked: try again later.
    """
    if not _one_at_a_time.acquire(timeout=WAIT_SECONDS):
        raise FileUnchecked
    try:
        done = subprocess.run(
            [sys.executable, "-m", "recovery.blobs.media"],
            input=data,
            capture_output=True,
            check=False,
            cwd=settings.BASE_DIR,
            # The file is untrusted, so the process that parses it gets no secrets.
            env={},
            timeout=SECONDS,
        )
    except subprocess.TimeoutExpired:
        raise Interrupted from None
    finally:
        _one_at_a_time.release()
    return answer(done)


def answer(done: subprocess.CompletedProcess[bytes]) -> Media:
    """Interpret how the process ended. Its output is untrusted: the file may have caused it."""
    if done.returncode == 0:
        return _parsed(done.stdout)
    if done.returncode == REFUSED:
        code = done.stdout.decode(errors="replace")
        raise Unattachable(code if code in CODES else NotUnderstood.code)
    if -done.returncode in CAUSED_BY_FILE:
        raise Unattachable(NotUnderstood.code)
    if done.returncode < 0:
        raise Interrupted
    log.error("examination_failed", status=done.returncode)
    raise FileUnchecked


def _parsed(output: bytes) -> Media:
    facts, _, cleaned = output.partition(b"\n")
    try:
        media = Media(data=cleaned, **json.loads(facts))
    except (ValueError, TypeError):
        raise Unattachable(NotUnderstood.code) from None
    numbers = (media.width, media.height, media.duration_ms)
    if (media.kind, media.media_type) not in NAMES or not all(map(_is_number_or_none, numbers)):
        raise Unattachable(NotUnderstood.code)
    return media


def _is_number_or_none(value: object) -> bool:
    return value is None or (isinstance(value, int) and 0 <= value <= LARGEST_NUMBER)
