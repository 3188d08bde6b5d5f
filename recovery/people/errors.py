"""Why somebody is not let in, as problems with a status, a code and a sentence."""

from __future__ import annotations

from typing import Any

from rest_framework.exceptions import APIException


class Problem(APIException):
    """A named problem. `extra` holds further members of the problem document."""

    def __init__(self, *, headers: dict[str, str] | None = None, **extra: Any) -> None:
        super().__init__()
        self.code = self.default_code
        self.headers = headers or {}
        self.extra = extra


class NotSignedIn(Problem):
    """No credential, or one that means nothing (any more)."""

    status_code = 401
    default_code = "not_signed_in"
    default_detail = "Sign in to go on."


class TokenExpired(Problem):
    """The access token is too old; the refresh token brings a new one."""

    status_code = 401
    default_code = "token_expired"
    default_detail = "Refresh the session and try again."


class ProofRequired(Problem):
    """The session is bound to a device key, and it did not sign this request."""

    status_code = 401
    default_code = "proof_required"
    default_detail = "Sign the request with this device's key."


class SecondFactorRequired(Problem):
    """Staff may do nothing but set up a second factor and sign in with it."""

    status_code = 403
    default_code = "second_factor_required"
    default_detail = "Set up a second factor, then sign in with it."


class StepUpRequired(Problem):
    """What was asked needs a proof of identity that is at most five minutes old."""

    status_code = 403
    default_code = "step_up_required"
    default_detail = "Confirm that it is you, then try again."


class Malformed(Problem):
    """The body is not what this request takes."""

    status_code = 400
    default_code = "malformed"
    default_detail = "The body is a JSON object."


class CodeUnknown(Problem):
    """No such enrolment code for this date of birth: unknown, used, expired or taken back."""

    status_code = 404
    default_code = "code_unknown"
    default_detail = "This code does not work (any more). Ask your programme for a new one."


class Wipe(Problem):
    """The session was ended with an order to empty the phone; `receipt` acknowledges it."""

    status_code = 410
    default_code = "wipe"
    default_detail = "This device was signed out and must delete its data."


class SlowDown(Problem):
    """Too many tries; `Retry-After` says when the next may come."""

    status_code = 429
    default_code = "slow_down"
    default_detail = "Too many tries. Wait a little and try again."
