"""Parse and clean an uploaded file in a separate, sandboxed process (media/__main__.py)."""

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
# Pieces of files have threads of their own (server/web.py), and only those wait here.
WAIT_SECONDS = 5
REFUSED = 3
CODES = (NotUnderstood.code, TooManyPixels.code, TooLarge.code)
# Signals that are the file's fault: it exceeded the CPU limit or crashed a library. Any other
# signal comes from outside, such as a deployment or the OOM killer.
ITS_OWN_FAULT = (signal.SIGXCPU, signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS)
NAMES = {(kind.kind, kind.media_type) for kind in KINDS}
LARGEST_NUMBER = 2**31 - 1  # of an integer column
# A decoded picture takes a hundred megabytes and most of a core.
_one_at_a_time = BoundedSemaphore(1)


def examine(data: bytes) -> Media:
    """The cleaned file. Raises Unattachable (`not_understood`, `too_many_pixels`, `too_large`),
    Interrupted (it took too long or was killed, which may not be the file's fault) or
    FileUnchecked."""
    if not _one_at_a_time.acquire(timeout=WAIT_SECONDS):
        raise FileUnchecked
    try:
        process = _run(data)
    except subprocess.TimeoutExpired:
        raise Interrupted from None
    finally:
        _one_at_a_time.release()
    return answer(process)


def _run(data: bytes) -> subprocess.CompletedProcess[bytes]:
    # No environment, so no secrets: the file may be an attack on the libraries that read it.
    return subprocess.run(
        [sys.executable, "-m", "recovery.blobs.media"],
        input=data,
        capture_output=True,
        check=False,
        cwd=settings.BASE_DIR,
        env={},
        timeout=SECONDS,
    )


def answer(process: subprocess.CompletedProcess[bytes]) -> Media:
    """Interpret how the process ended. A malicious file may have forged its output."""
    if process.returncode == 0:
        return _checked(process.stdout)
    if process.returncode == REFUSED:
        code = process.stdout.decode(errors="replace")
        raise Unattachable(code if code in CODES else NotUnderstood.code)
    if -process.returncode in ITS_OWN_FAULT:
        raise Unattachable(NotUnderstood.code)
    if process.returncode < 0:
        raise Interrupted
    log.error("examination_failed", status=process.returncode)
    raise FileUnchecked


def _checked(output: bytes) -> Media:
    facts, _, cleaned = output.partition(b"\n")
    try:
        media = Media(data=cleaned, **json.loads(facts))
    except (ValueError, TypeError):
        raise Unattachable(NotUnderstood.code) from None
    numbers = [n for n in (media.width, media.height, media.duration_ms) if n is not None]
    if (media.kind, media.media_type) not in NAMES or not all(
        isinstance(n, int) and 0 <= n <= LARGEST_NUMBER for n in numbers
    ):
        raise Unattachable(NotUnderstood.code)
    return media
