"""Everything that can go wrong on a phone. The docstring of an error is its message."""

from typing import Any

UNPROVEN = "proof_required"  # error code of a refused signature: wrong key or wrong time


class PhoneError(Exception):
    """Something this phone could not do."""

    def __str__(self) -> str:
        detail = super().__str__()
        return f"{self.__doc__} {detail}" if detail else str(self.__doc__)


class Unreachable(PhoneError):
    """No answer came: the network is down, or the answer was lost."""


class Offline(Unreachable):
    """The phone is in flight mode; nothing was sent."""


class SignedOut(PhoneError):
    """No one is signed in on this phone."""


class Wiped(PhoneError):
    """This phone was wiped; its data and keys are gone."""


class Locked(PhoneError):
    """Documents may not be shown now."""


class UpgradeRequired(PhoneError):
    """This app is too old to read; it may still push its outbox."""


class UnsentWork(PhoneError):
    """Signing out now would lose changes that the server does not have."""


class Stuck(PhoneError):
    """All retries failed; a later trigger tries again."""


class BrokenAnswer(PhoneError):
    """The server answered 200 with something the protocol does not allow."""


class InsecureHome(PhoneError):
    """The new home would receive tokens unencrypted."""


class Problem(PhoneError):
    """The server refused."""

    def __init__(self, status: int, body: dict[str, Any], retry_after: float | None = None) -> None:
        self.status = status  # HTTP status
        self.body = body
        self.code = str(body.get("code", ""))  # machine-readable reason or ""
        self.retry_after = retry_after  # seconds
        super().__init__(f"{status} {self.code or body}")

    @property
    def is_passing(self) -> bool:
        """True if trying again may help: we were too slow, or the server is busy or broken."""
        return self.status in (408, 429) or self.status >= 500
