"""A file is not refused because the process that examines it was stopped from outside."""

from __future__ import annotations

import os
import signal
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import sleep

import pytest

from foundation.problems import Interrupted, Unattachable
from recovery.blobs.examine import answer
from recovery.blobs.models import Upload
from recovery.blobs.rules import MOST_INTERRUPTIONS
from recovery.feed.context import set_actor
from tests.blobs import samples
from tests.blobs.people import Sender, code
from tests.cast import answer as payload

PICTURE = samples.jpeg()


def examiner() -> int | None:
    """The pid of our child that examines a file, once it has started."""
    for children in Path("/proc/self/task").glob("*/children"):
        for pid in children.read_text().split():
            if b"recovery.blobs.media" in Path(f"/proc/{pid}/cmdline").read_bytes():
                return int(pid)
    return None


def end_it() -> None:
    for _ in range(20_000):
        if (pid := examiner()) is not None:
            return os.kill(pid, signal.SIGTERM)
        sleep(0.001)
    raise AssertionError("Nobody looked at the file.")


def interrupted(sender: Sender, upload: str) -> tuple[int, str]:
    with ThreadPoolExecutor(1) as other:
        ending = other.submit(end_it)
        response = sender.piece(upload, 0, PICTURE)
        ending.result()
    return code(response)


def test_a_deployment_during_an_examination_refuses_no_file(ana: Sender) -> None:
    upload = payload(ana.declare(PICTURE))["upload"]
    assert interrupted(ana, upload) == (503, "maintenance")
    assert payload(ana.piece(upload, 0, PICTURE))["complete"]


def test_a_file_that_always_ends_the_examiner_is_refused(ana: Sender, folder: Path) -> None:
    upload = payload(ana.declare(PICTURE))["upload"]
    for _ in range(MOST_INTERRUPTIONS - 1):
        assert interrupted(ana, upload) == (503, "maintenance")
    assert interrupted(ana, upload) == (422, "not_understood")
    assert code(ana.declare(PICTURE)) == (422, "not_understood")
    set_actor(ana.user.id)
    assert Upload.objects.in_scope(ana.user.id).get().refused == "not_understood"
    assert not any(path.is_file() for path in folder.rglob("*"))


@pytest.mark.parametrize(
    ("end", "means"),
    [
        (signal.SIGXCPU, Unattachable),
        (signal.SIGSEGV, Unattachable),
        (signal.SIGABRT, Unattachable),
        (signal.SIGBUS, Unattachable),
        (signal.SIGKILL, Interrupted),
        (signal.SIGTERM, Interrupted),
    ],
)
def test_signals_map_to_outcomes(end: signal.Signals, means: type[Exception]) -> None:
    with pytest.raises(means):
        answer(subprocess.CompletedProcess([], -end, b"", b""))
