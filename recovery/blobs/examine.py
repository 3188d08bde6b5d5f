"""Have a file understood and cleaned by a process of its own: see media/__main__.py."""

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
# Whoever waits holds a thread that others could use.
WAIT_SECONDS = 5
REFUSED = 3
CODES = (NotUnderstood.code, TooManyPixels.code, TooLarge.code)
# A bound was met, or a library fell over. Anything else came from outside: a deployment, or the
# kernel that needed the memory.
ITS_OWN_FAULT = (signal.SIGXCPU, signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS)
NAMES = {(kind.kind, kind.media_type) for kind in KINDS}
LARGEST_NUMBER = 2**31 - 1
# A decoded picture takes a hundred megabytes and most of a core.
_one_at_a_time = BoundedSemaphore(1)


def examine(data: bytes) -> Media:
    """The cleaned file. Unattachable: `not_understood` or `too_many_pixels`. Interrupted: it took
    too long or was ended by somebody, which need not be the file's fault. FileUnchecked."""
    if not _one_at_a_time.acquire(timeout=WAIT_SECONDS):
        raise FileUnchecked
    try:
        done = _run(data)
    except subprocess.TimeoutExpired:
        raise Interrupted from None
    finally:
        _one_at_a_time.release()
    return answer(done)


def _run(data: bytes) -> subprocess.CompletedProcess[bytes]:
    """Without the environment: what is read comes from anybody."""
    return subprocess.run(
        [sys.executable, "-m", "recovery.blobs.media"],
        input=data,
        capture_output=True,
        check=False,
        cwd=settings.BASE_DIR,
        env={},
        timeout=SECONDS,
    )


def answer(done: subprocess.CompletedProcess[bytes]) -> Media:
    """What it means how the process ended and what it said, which a file may have made it say."""
    if done.returncode == 0:
        return _believed(done.stdout)
    if done.returncode == REFUSED:
        code = done.stdout.decode(errors="replace")
        raise Unattachable(code if code in CODES else NotUnderstood.code)
    if -done.returncode in ITS_OWN_FAULT:
        raise Unattachable(NotUnderstood.code)
    if done.returncode < 0:
        raise Interrupted
    log.error("examination_failed", status=done.returncode)
    raise FileUnchecked


def _believed(told: bytes) -> Media:
    facts, _, cleaned = told.partition(b"\n")
    try:
        media = Media(data=cleaned, **json.loads(facts))
    except (ValueError, TypeError):
        raise Unattachable(NotUnderstood.code) from None
    numbers = (media.width, media.height, media.duration_ms)
    if (media.kind, media.media_type) not in NAMES or not all(map(_is_a_number, numbers)):
        raise Unattachable(NotUnderstood.code)
    return media


def _is_a_number(told: object) -> bool:
    return told is None or (isinstance(told, int) and 0 <= told <= LARGEST_NUMBER)
