"""What can go wrong on a phone, as few kinds as possible. A docstring is the message."""

from typing import Any

UNPROVEN = "proof_required"  # code of a refused signature: of a wrong key, or of a wrong time


class PhoneError(Exception):
    """Something this phone could not do."""

    def __str__(self) -> str:
        detail = super().__str__()
        return f"{self.__doc__} {detail}" if detail else str(self.__doc__)


class Unreachable(PhoneError):
    """No answer came: the network is away, or the answer was lost on its way."""


class Offline(Unreachable):
    """The phone is in flight mode; nothing was sent."""


class SignedOut(PhoneError):
    """Nobody is signed in on this phone."""


class Wiped(PhoneError):
    """This phone was wiped: its data and keys are gone."""


class Locked(PhoneError):
    """Documents may not be shown now."""


class UpgradeRequired(PhoneError):
    """This app is too old to read; it may still hand in its outbox."""


class UnsentWork(PhoneError):
    """Signing out now would throw away words that the server has not seen."""


class Stuck(PhoneError):
    """Every try failed; a later trigger tries again."""


class BrokenAnswer(PhoneError):
    """The server answered 200 with something the protocol does not allow."""


class InsecureHome(PhoneError):
    """The new home would receive tokens in the clear."""


class Problem(PhoneError):
    """The server refused."""

    def __init__(self, status: int, body: dict[str, Any], retry_after: float | None = None) -> None:
        self.status = status  # of HTTP
        self.body = body
        self.code = str(body.get("code", ""))  # machine-readable reason or ""
        self.retry_after = retry_after  # seconds
        super().__init__(f"{status} {self.code or body}")

    @property
    def is_passing(self) -> bool:
        """True when waiting is the cure: the server is busy, restarting or broken."""
        return self.status == 429 or self.status >= 500
