"""Every way in which a request can fail, as one family (RFC 9457).

Problem
├── Refusal             the action's answer: stored, and given again to the same request
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
├── OutOfStep           the phone, not the mutation, must act first
│   ├── ClientUnknown   404
│   ├── ClientForked    409
│   └── MutationGap     409
├── NotAuthenticated    the credential does not let this request in
│   ├── NotSignedIn     401
│   ├── TokenExpired    401
│   ├── ProofRequired   401
│   ├── SecondFactorRequired  403
│   ├── StepUpRequired  403
│   ├── CodeUnknown     404
│   └── Wipe            410
├── BadRequest          the request itself is wrong
│   ├── Malformed       400
│   ├── KeyRequired     400
│   ├── PieceLength     400
│   ├── MethodNotAllowed  405
│   ├── NotAcceptable   406
│   ├── OffsetMismatch  409
│   ├── TooLarge        413
│   ├── NotJson, NotBytes  415
│   ├── NoSuchRange     416
│   ├── Unattachable    422, with a code of its own
│   └── UpgradeRequired 426
├── Unavailable         not now, or not here
│   ├── HomeMoved       421
│   ├── SlowDown        429
│   │   └── TooManyUploads
│   ├── Maintenance     503
│   ├── FileUnchecked   503
│   │   └── Interrupted
│   └── NoRoom          507
└── Internal            500

A 4xx says what to do. A stranger gets the same NotFound whether or not the thing exists.
`foundation.http` turns each into its answer.
"""

from __future__ import annotations

from typing import Any


class Problem(Exception):
    """A named failure: an HTTP status, a code for programs and a title for people.

    `members` are further members of the problem document.
    """

    status = 500
    code = "internal"
    title = "Something is wrong on our side."

    def __init__(self, *, headers: dict[str, str] | None = None, **members: Any) -> None:
        super().__init__(self.title)
        self.headers = headers or {}
        self.members = members


class Refusal(Problem):
    """The action was decided against. Nothing was changed."""


class Invalid(Refusal):
    """The input is not what the action takes; `errors` says what, field by field."""

    status, code, title = 400, "invalid", "The input is not valid."

    def __init__(self, errors: Any) -> None:
        super().__init__(errors=errors)
        self.errors = errors


class NotFound(Refusal):
    """What the request names does not exist, or not for this person."""

    status, code, title = 404, "not_found", "There is no such thing, or not for you."


class UnknownAction(Refusal):
    """No action has this name."""

    status, code, title = 404, "unknown_action", "This server knows no such action."


class NotAllowed(Refusal):
    """The person may see this but not do that."""

    status, code, title = 403, "not_allowed", "You may not do this."


class Refused(Refusal):
    """A permanent refusal with a short code and a sentence for the person.

    `current` is the row as it stands now, for a phone that shows both versions.
    """

    status = 409

    def __init__(self, code: str, title: str, *, current: Any = None) -> None:
        self.code, self.title, self.current = code, title, current
        super().__init__(current=current)


class NotStored(Problem):
    """Nothing was decided, so the same request may succeed later."""


class KeyReused(NotStored):
    """This idempotency key was used for another request."""

    status, code, title = 422, "key_reused", "This key was used for another request."


class InProgress(NotStored):
    """Another request holds what this one needs; try again shortly."""

    status, code, title = 409, "in_progress", "Still being done; ask again."

    def __init__(self) -> None:
        super().__init__(retry_after_ms=1000)


class NotReady(NotStored):
    """Something that comes by another way is not here yet. The phone brings what is `missing`,
    then asks the same again."""

    status = 409

    def __init__(self, code: str, title: str, missing: list[str]) -> None:
        self.code, self.title, self.missing = code, title, missing
        super().__init__(missing=missing)


class TooNew(NotStored):
    """The input is of a version that other servers know by now, and this one will soon."""

    status, code, title = 503, "maintenance", "Not available just now; try again."

    def __init__(self) -> None:
        super().__init__(headers={"Retry-After": "2"})


class OutOfStep(Problem):
    """The phone must act before any of its mutations can be taken."""


class ClientUnknown(OutOfStep):
    """This phone is not registered, or no longer."""

    status, code, title = 404, "client_unknown", "Register this phone again."


class ClientForked(OutOfStep):
    """This mutation id was used for something else: the phone is a copy of another."""

    status, code, title = 409, "client_forked", "This phone is a copy of another; register it."


class MutationGap(OutOfStep):
    """Mutations before this one are missing; send again from `expected`."""

    status, code, title = 409, "mutation_gap", "Earlier mutations are missing."

    def __init__(self, expected: int) -> None:
        super().__init__(expected=expected)
        self.expected = expected


class NotAuthenticated(Problem):
    """The credential does not let this request in."""


class NotSignedIn(NotAuthenticated):
    """No credential, or one that means nothing (any more)."""

    status, code, title = 401, "not_signed_in", "Sign in to go on."


class TokenExpired(NotAuthenticated):
    """The access token is too old; the refresh token brings a new one."""

    status, code, title = 401, "token_expired", "Refresh the session and try again."


class ProofRequired(NotAuthenticated):
    """The session is bound to a device key, and it did not sign this request."""

    status, code, title = 401, "proof_required", "Sign the request with this device's key."


class SecondFactorRequired(NotAuthenticated):
    """Staff may do nothing but set up a second factor and sign in with it."""

    status, code = 403, "second_factor_required"
    title = "Set up a second factor, then sign in with it."


class StepUpRequired(NotAuthenticated):
    """What was asked needs a proof of identity that is at most five minutes old."""

    status, code, title = 403, "step_up_required", "Confirm that it is you, then try again."


class CodeUnknown(NotAuthenticated):
    """No such enrolment code for this date of birth: unknown, used, expired or revoked."""

    status, code = 404, "code_unknown"
    title = "This code does not work (any more). Ask your programme for a new one."


class Wipe(NotAuthenticated):
    """The session was ended with an order to empty the phone; `receipt` acknowledges it."""

    status, code, title = 410, "wipe", "This device was signed out and must delete its data."

    def __init__(self, receipt: str) -> None:
        super().__init__(action="wipe", receipt=receipt)


class BadRequest(Problem):
    """The request itself is wrong, whoever sends it."""


class Malformed(BadRequest):
    """The body is not what this request takes."""

    status, code, title = 400, "malformed", "The body is not a JSON object."


class KeyRequired(BadRequest):
    """An action was asked for without an idempotency key."""

    status, code = 400, "idempotency_key_required"
    title = "Send a UUID of your own in the header Idempotency-Key."


class PieceLength(BadRequest):
    """Every piece but the last has the same length; this one needs `bytes`."""

    status, code, title = 400, "piece_length", "Send exactly as many bytes as are told here."


class MethodNotAllowed(BadRequest):
    """This URL is asked by another method."""

    status, code, title = 405, "method_not_allowed", "Use another method."


class NotAcceptable(BadRequest):
    """Only JSON is answered."""

    status, code, title = 406, "not_acceptable", "Only JSON is spoken here."


class OffsetMismatch(BadRequest):
    """The next piece begins elsewhere: at `offset`."""

    status, code, title = 409, "offset_mismatch", "Go on from the offset that is told here."


class TooLarge(BadRequest):
    """More bytes than are taken at once."""

    status, code, title = 413, "too_large", "Send less at once."


class NotJson(BadRequest):
    """The body is declared as something else."""

    status, code, title = 415, "not_json", "Send application/json."


class NotBytes(BadRequest):
    """The body is declared as something else."""

    status, code, title = 415, "not_bytes", "Send application/octet-stream."


class NoSuchRange(BadRequest):
    """The file ends before the range that was asked for."""

    status, code, title = 416, "no_such_range", "The file ends before."


class Unattachable(BadRequest):
    """These bytes can never be attached, however often they are sent."""

    status = 422
    title = "This file cannot be attached. Pictures and recordings can."

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__()


class UpgradeRequired(BadRequest):
    """The app knows no shape of documents that is still sent."""

    status, code, title = 426, "upgrade_required", "This app is too old to read; update it."


class Unavailable(Problem):
    """Not now, or not here; nothing is wrong with the request."""


class HomeMoved(Unavailable):
    """This installation's data is served at another URL."""

    status, code, title = 421, "home_moved", "This programme has moved to another server."


class SlowDown(Unavailable):
    """Too many tries; `Retry-After` says when the next may come."""

    status, code, title = 429, "slow_down", "Too many tries. Wait a little and try again."

    def __init__(self, seconds: int) -> None:
        super().__init__(headers={"Retry-After": str(seconds)}, retry_after_ms=seconds * 1000)


class TooManyUploads(SlowDown):
    """More files were begun than anybody sends at once."""

    title = "Finish the files that were begun first."


class Maintenance(Unavailable):
    """Something that the server needs does not answer, or it is closed for a while."""

    status, code, title = 503, "maintenance", "Not available just now; try again."

    def __init__(self, seconds: int = 2) -> None:
        super().__init__(headers={"Retry-After": str(seconds)})


class FileUnchecked(Unavailable):
    """Nobody could look at the file; it is not the file's fault."""

    status, code, title = Maintenance.status, Maintenance.code, Maintenance.title

    def __init__(self) -> None:
        super().__init__(headers={"Retry-After": "5"}, retry_after_ms=5_000)


class Interrupted(FileUnchecked):
    """The check of the file began and did not come to an end."""


class NoRoom(Unavailable):
    """The disk is nearly full. Nothing is lost: the phone keeps the file and tries later."""

    status, code = 507, "no_room"
    title = "There is no room for files just now; try again later."

    def __init__(self) -> None:
        super().__init__(headers={"Retry-After": "600"}, retry_after_ms=600_000)


class Internal(Problem):
    """A defect of ours."""
