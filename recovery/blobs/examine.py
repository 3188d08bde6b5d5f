"""Have a file understood and cleaned by a process of its own: see media/__main__.py."""

from __future__ import annotations

import json
import subprocess
import sys
from threading import BoundedSemaphore

import structlog
from django.conf import settings

from recovery.blobs.errors import NotNow, Unattachable
from recovery.blobs.media.kinds import Media

log = structlog.get_logger()
SECONDS = 30
# Whoever waits holds a thread that others could use.
WAIT_SECONDS = 5
REFUSED = 3
# A decoded picture takes a hundred megabytes and most of a core.
_one_at_a_time = BoundedSemaphore(1)


def examine(data: bytes) -> Media:
    """The cleaned file. Unattachable: `not_understood` or `too_many_pixels`. NotNow."""
    if not _one_at_a_time.acquire(timeout=WAIT_SECONDS):
        raise NotNow
    try:
        done = _run(data)
    except subprocess.TimeoutExpired:
        raise Unattachable("not_understood") from None
    finally:
        _one_at_a_time.release()
    return _answer(done)


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


def _answer(done: subprocess.CompletedProcess[bytes]) -> Media:
    if done.returncode == 0:
        facts, _, cleaned = done.stdout.partition(b"\n")
        return Media(data=cleaned, **json.loads(facts))
    if done.returncode == REFUSED:
        raise Unattachable(done.stdout.decode())
    if done.returncode < 0:  # ended by a signal: a bound was met, or a library fell over
        raise Unattachable("not_understood")
    log.error("examination_failed", status=done.returncode)
    raise NotNow
