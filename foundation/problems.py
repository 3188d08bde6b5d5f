"""Every way in which a request can fail, as one exception tree (RFC 9457).

Problem
├── Refusal             the action's outcome: stored, and returned again for the same request
│   ├── Invalid         400
│   ├── NotFound        404
│   ├── UnknownAction   404
│   ├── NotAllowed      403
│   └── Refused         409, with a code of its own
├── NotStored           nothing was decided: the same request may succeed later
│   ├── KeyReused       422
│   ├── InProgress      409
│   ├── NotReady        409, with a code of its own
│   └── TooNew          503
├── OutOfStep           the phone must do something before its mutations can be accepted
│   ├── ClientUnknown   404
│   ├── ClientForked    409
│   └── MutationGap     409
├── NotAuthenticated    the credential does not allow this request
│   ├── NotSignedIn     401
│   ├── SignInUnfinished  401
│   ├── TokenExpired    401
│   ├── ProofRequired   401
│   ├── SecondFactorRequired  403
│   ├── StepUpRequired  403
│   ├── CodeUnknown     404
│   ├── CodeNotYet      409
│   ├── FactorCodeRequired  403
│   ├── FactorCodeWrong 403
│   └── Wipe            410
├── BadRequest          the request itself is wrong
│   ├── Malformed       400
│   ├── KeyRequired     400
│   ├── PieceLength     400
│   ├── MethodNotAllowed  405
│   ├── NotAcceptable   406
│   ├── NotSetUp        404
│   ├── BodyLate        408
│   ├── NoSignIn        409
│   ├── OffsetMismatch  409
│   ├── TooLarge        413
│   ├── NotJson, NotBytes  415
│   ├── NoSuchRange     416
│   ├── Unattachable    422, with a code of its own
│   └── UpgradeRequired 426
├── Unavailable         not now, or not on this server
│   ├── HomeMoved       421
│   ├── SlowDown        429
│   │   └── TooManyUploads
│   ├── Maintenance     503
│   │   └── Busy
│   ├── FileUnchecked   503
│   │   └── Interrupted
│   └── NoRoom          507
└── Internal            500

The title is for people. NotFound is the same whether a row does not exist or is only invisible to
the caller. `foundation.http` turns each into its response; a refused mutation carries the same
document. What an app has to do is in problem_details.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from foundation.problem_details import DETAILS, REFUSED

TYPES = "/api/problems"  # lists every type; the URI of a type is this and its code


class Problem(Exception):
    """A failure with an HTTP status, a code for programs and a title for people.

    `members` are additional members of the problem document.
    """

    status = 500
    code = "internal"
    title = "Something went wrong on our side. Try again later."

    def __init__(self, *, headers: dict[str, str] | None = None, **members: Any) -> None:
        super().__init__(self.title)
        self.headers = headers or {}
        self.members = members

    def document(self) -> dict[str, Any]:
        """The problem document (RFC 9457)."""
        return {
            "type": type_of(self.code),
            "title": self.title,
            "status": self.status,
            "code": self.code,
            "detail": DETAILS.get(self.code, REFUSED),
        } | self.members


def type_of(code: str) -> str:
    """The URI of a type of problem, relative to the server. It never changes."""
    return f"{TYPES}#{code}"


def kinds(of: type[Problem] = Problem) -> Iterator[type[Problem]]:
    """Every class of problems that declares a code of its own."""
    if "code" in vars(of):
        yield of
    for kind in of.__subclasses__():
        yield from kinds(kind)


class Refusal(Problem):
    """The action was refused. Nothing was changed."""


class Invalid(Refusal):
    """The input does not fit the action. `errors`: field → list of sentences."""

    status, code, title = 400, "invalid", "The input is not valid."

    def __init__(self, errors: Any) -> None:
        super().__init__(errors=errors)
        self.errors = errors


class NotFound(Refusal):
    """Something that the request names does not exist, or the caller may not see it."""

    status, code, title = 404, "not_found", "This does not exist, or you cannot see it."


class UnknownAction(Refusal):
    """No action has this name."""

    status, code, title = 404, "unknown_action", "This server does not know this action."


class NotAllowed(Refusal):
    """The caller may see this, but may not do that to it."""

    status, code, title = 403, "not_allowed", "You are not allowed to do this."


class Refused(Refusal):
    """A permanent refusal with a short code and a sentence for the user.

    `values`: what stands in the sentence for `%(name)s`, so that it can be translated. `current`:
    the row as it is now, for a phone that shows both versions. When the action has ended, it is
    the row's entry. `about`: what stands in the way, one object each.
    """

    status = 409

    def __init__(
        self,
        code: str,
        title: str,
        *,
        values: dict[str, Any] | None = None,
        current: Any = None,
        about: list[Any] | None = None,
    ) -> None:
        self.code, self.current, self.about = code, current, about
        self.template, self.values = title, values or {}
        self.title = title % self.values if self.values else title
        members: dict[str, Any] = {"about": about} if about else {}
        super().__init__(**members)

    def document(self) -> dict[str, Any]:
        return super().document() | ({"current": self.current} if self.current else {})


class NotStored(Problem):
    """Nothing was decided, so the same request may succeed later."""


class KeyReused(NotStored):
    """This idempotency key was used for another request."""

    status, code, title = 422, "key_reused", "This key was used for another request."


class InProgress(NotStored):
    """Another request holds a lock that this one needs."""

    status, code, title = 409, "in_progress", "Still in progress. Try again in a moment."

    def __init__(self) -> None:
        super().__init__(retry_after_ms=1000)


class NotReady(NotStored):
    """Something that is uploaded separately has not arrived yet. The phone uploads what is
    `missing`, then sends the same request again."""

    status = 409

    def __init__(self, code: str, title: str, missing: list[str]) -> None:
        self.code, self.title, self.missing = code, title, missing
        super().__init__(missing=missing)


class TooNew(NotStored):
    """The input has a newer version than this server knows: a deployment is under way."""

    status, code, title = 503, "maintenance", "Not available right now. Try again soon."

    def __init__(self) -> None:
        super().__init__(headers={"Retry-After": "2"})


class OutOfStep(Problem):
    """The phone must do something before its mutations can be accepted."""


class ClientUnknown(OutOfStep):
    """This phone is not registered, or no longer registered."""

    status, code, title = 404, "client_unknown", "Register this phone again."


class ClientForked(OutOfStep):
    """This mutation id was used for another mutation: the phone is a copy of another."""

    status, code = 409, "client_forked"
    title = "This phone is a copy of another one. Register it again."


class MutationGap(OutOfStep):
    """Mutations before this one are missing. The phone resends from `expected`."""

    status, code, title = 409, "mutation_gap", "Earlier mutations are missing. Send them first."

    def __init__(self, expected: int) -> None:
        super().__init__(expected=expected)
        self.expected = expected


class NotAuthenticated(Problem):
    """The credential does not allow this request."""


class NotSignedIn(NotAuthenticated):
    """No credential, or one that is unknown or no longer valid."""

    status, code, title = 401, "not_signed_in", "Sign in to continue."


class SignInUnfinished(NotAuthenticated):
    """The sign-in goes on: `data.flows` says what is pending, `meta.session_token` continues it."""

    status, code, title = 401, "sign_in_unfinished", "One more step is needed to sign in."


class TokenExpired(NotAuthenticated):
    """The access token has expired. The refresh token gets a new one."""

    status, code, title = 401, "token_expired", "Refresh the session and try again."


class ProofRequired(NotAuthenticated):
    """The session is bound to a device key, which did not sign this request."""

    status, code, title = 401, "proof_required", "Sign the request with this device's key."


class SecondFactorRequired(NotAuthenticated):
    """Without a second factor, staff may only set one up and sign in with it."""

    status, code = 403, "second_factor_required"
    title = "Set up a second factor, then sign in with it."


class StepUpRequired(NotAuthenticated):
    """This request needs a proof of identity that is at most five minutes old."""

    status, code, title = 403, "step_up_required", "Confirm that it is you, then try again."


class CodeUnknown(NotAuthenticated):
    """No valid enrolment code for this date of birth: unknown, used, expired or revoked."""

    status, code = 404, "code_unknown"
    title = "This code does not work, or no longer works. Ask your program for a new one."

    def __init__(self, *, was_made: bool = True) -> None:
        """`was_made`: by us, at some time, so that a guess at its date of birth counts. Nothing in
        the answer shows it."""
        super().__init__()
        self.was_made = was_made


class CodeNotYet(NotAuthenticated):
    """The enrolment code is right but waits: for a second member of staff (`usable_from` is null),
    or until `usable_from`, so that the account's owner can refuse."""

    status, code, title = 409, "code_not_yet", "This code does not work yet. Try again later."

    def __init__(self, usable_from: datetime | None) -> None:
        super().__init__(usable_from=usable_from.isoformat() if usable_from else None)


class FactorCodeRequired(NotAuthenticated):
    """The account has a second factor, so the enrolment code alone is not enough."""

    status, code = 403, "second_factor_code_required"
    title = "Send a code from your authenticator app too, or a recovery code."


class FactorCodeWrong(NotAuthenticated):
    """The second factor's code is wrong or was used before. The enrolment code is not used up."""

    status, code = 403, "second_factor_code_wrong"
    title = "The code from your authenticator app is not right. Try the next one."


class Wipe(NotAuthenticated):
    """The session was ended with an order to wipe the phone. `receipt` acknowledges it."""

    status, code, title = 410, "wipe", "This device was signed out and must delete its data."

    def __init__(self, receipt: str) -> None:
        super().__init__(action="wipe", receipt=receipt)


class BadRequest(Problem):
    """The request itself is wrong, for any caller."""


class Malformed(BadRequest):
    """The body is not the JSON that this request needs."""

    status, code, title = 400, "malformed", "The body is not a JSON object."


class KeyRequired(BadRequest):
    """An action was requested without an idempotency key."""

    status, code = 400, "idempotency_key_required"
    title = "Send a UUID of your own in the header Idempotency-Key."


class PieceLength(BadRequest):
    """Every piece but the last has the same length; this one needs `bytes`."""

    status, code, title = 400, "piece_length", "Send exactly the number of bytes in `bytes`."


class MethodNotAllowed(BadRequest):
    """This URL takes another method."""

    status, code, title = 405, "method_not_allowed", "Use another method."


class NotAcceptable(BadRequest):
    """The response can only be JSON."""

    status, code, title = 406, "not_acceptable", "Only JSON is available here."


class BodyLate(BadRequest):
    """The body did not arrive within the time that its size allows."""

    status, code = 408, "body_late"
    title = "The request arrived too slowly. Send it again."


class NotSetUp(BadRequest):
    """This person has no such factor yet. `meta` has what an app needs to set it up."""

    status, code, title = 404, "not_set_up", "This is not set up yet."


class NoSignIn(BadRequest):
    """The request does not fit the state of the ceremony, or of the person's factors."""

    status, code, title = 409, "no_sign_in", "This sign-in is over. Start again."


class OffsetMismatch(BadRequest):
    """The next piece must start at `offset`."""

    status, code, title = 409, "offset_mismatch", "Continue from `offset`."


class TooLarge(BadRequest):
    """More bytes than one request may have."""

    status, code, title = 413, "too_large", "This is too large. Send less at once."


class NotJson(BadRequest):
    """The Content-Type is something else."""

    status, code, title = 415, "not_json", "Send application/json."


class NotBytes(BadRequest):
    """The Content-Type is something else."""

    status, code, title = 415, "not_bytes", "Send application/octet-stream."


class NoSuchRange(BadRequest):
    """The requested range starts after the end of the file."""

    status, code, title = 416, "no_such_range", "The file ends before this range."


class Unattachable(BadRequest):
    """These bytes can never be attached. Sending them again does not help."""

    status = 422
    title = "This file cannot be attached. You can attach pictures and recordings."

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__()


class UpgradeRequired(BadRequest):
    """The app's document schema is older than any that the server still sends."""

    status, code, title = 426, "upgrade_required", "This app is too old. Update it to continue."


class Unavailable(Problem):
    """Not now, or not on this server. Nothing is wrong with the request."""


class HomeMoved(Unavailable):
    """This installation has moved to another URL."""

    status, code, title = 421, "home_moved", "This program has moved to another server."


class SlowDown(Unavailable):
    """Too many requests. `Retry-After` says when to try again."""

    status, code, title = 429, "slow_down", "Too many tries. Wait a little and try again."

    def __init__(self, seconds: int) -> None:
        super().__init__(headers={"Retry-After": str(seconds)}, retry_after_ms=seconds * 1000)


class TooManyUploads(SlowDown):
    """The user has too many unfinished uploads."""

    title = "Finish the files that you have started first."


class Maintenance(Unavailable):
    """The database or Valkey does not answer, or the server is closed for maintenance."""

    status, code, title = 503, "maintenance", "Not available right now. Try again soon."

    def __init__(self, seconds: int = 2) -> None:
        super().__init__(headers={"Retry-After": str(seconds)})


class Busy(Maintenance):
    """More requests are waiting than this server will get to in time."""


class FileUnchecked(Unavailable):
    """The file could not be checked right now. Nothing is known to be wrong with it."""

    status, code, title = Maintenance.status, Maintenance.code, Maintenance.title

    def __init__(self) -> None:
        super().__init__(headers={"Retry-After": "5"}, retry_after_ms=5_000)


class Interrupted(FileUnchecked):
    """The check of the file started but did not finish."""


class NoRoom(Unavailable):
    """The disk is nearly full. Nothing is lost: the phone keeps the file and tries again later."""

    status, code = 507, "no_room"
    title = "There is no room for files right now. Try again later."

    def __init__(self) -> None:
        super().__init__(headers={"Retry-After": "600"}, retry_after_ms=600_000)


class Internal(Problem):
    """A bug in the server."""
