"""Files: sending them before the mutation that names them, and reading them."""

import hashlib
import struct

from tests.vectors.recorder import Recorder
from tests.vectors.stories import problem, story

SECONDS_OF_SILENCE = 0.1


def silence() -> bytes:
    """A recording that every server cleans into the same bytes: 8000 samples a second, 8 bits."""
    sound = bytes([128]) * int(8000 * SECONDS_OF_SILENCE)
    head = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, 8000, 8000, 1, 8)
    body = head + struct.pack("<4sI", b"data", len(sound)) + sound
    return struct.pack("<4sI4s", b"RIFF", 4 + len(body), b"WAVE") + body


NAME = hashlib.sha256(silence()).hexdigest()


@story()
async def recording_sent(t: Recorder) -> None:
    """The file goes first. The answer to its only piece is lost: declared again, the upload says
    that it is complete. Then the message goes, and the file can be read."""
    await t.sync()
    message = t.says("Listen", file=silence())
    t.next("pieces", fate="answer_lost")
    await t.sync()
    await t.opens_file(message, NAME)


@story()
async def file_missing(t: Recorder) -> None:
    """The server has deleted the file, because nothing showed it for a day: `blobs_missing`. The
    phone sends it again, then the message."""
    await t.sync()
    t.says("Listen", file=silence())

    async def a_day_passes() -> None:
        await t.elsewhere("unused_files_are_collected")

    t.next("push", fate="request_lost", meanwhile=a_day_passes)
    await t.sync()


@story()
async def no_room(t: Recorder) -> None:
    """507: the server has no room for files. The phone goes on reading, and sends file and message
    later."""
    t.says("Listen", file=silence())
    await t.elsewhere("ben_says", text="Good morning")
    t.next("blobs", answer=problem(507, "no_room", after="60"))
    await t.sync()
    await t.time_passes(61)
    await t.sync()
