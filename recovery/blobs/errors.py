"""Why a piece or a file is not taken, as problems with a status, a code and a sentence."""

from __future__ import annotations

from recovery.people.errors import Problem


class OffsetMismatch(Problem):
    """The next piece begins elsewhere: at `offset`."""

    status_code = 409
    default_code = "offset_mismatch"
    default_detail = "Go on from the offset that is told here."


class PieceLength(Problem):
    """Every piece but the last has the same length; this one needs `bytes`."""

    status_code = 400
    default_code = "piece_length"
    default_detail = "Send exactly as many bytes as are told here."


class Unattachable(Problem):
    """These bytes can never be attached, however often they are sent."""

    status_code = 422
    default_code = "not_understood"
    default_detail = "This file cannot be attached. Pictures and recordings can."

    def __init__(self, code: str) -> None:
        super().__init__()
        self.code = code


class TooManyUploads(Problem):
    """More files were begun than anybody sends at once."""

    status_code = 429
    default_code = "slow_down"
    default_detail = "Finish the files that were begun first."

    def __init__(self) -> None:
        super().__init__(headers={"Retry-After": "60"}, retry_after_ms=60_000)


class NoRoom(Problem):
    """The disk is nearly full. Nothing is lost: the phone keeps the file and tries later."""

    status_code = 507
    default_code = "no_room"
    default_detail = "There is no room for files just now; try again later."

    def __init__(self) -> None:
        super().__init__(headers={"Retry-After": "600"}, retry_after_ms=600_000)


class NotNow(Problem):
    """Nobody could look at the file; it is not the file's fault."""

    status_code = 503
    default_code = "maintenance"
    default_detail = "Not available just now; try again."

    def __init__(self) -> None:
        super().__init__(headers={"Retry-After": "5"}, retry_after_ms=5_000)


class Interrupted(NotNow):
    """Somebody began to look at the file and did not come to an end."""
