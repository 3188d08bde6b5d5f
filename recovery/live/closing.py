"""Why a socket is closed; what the phone does then is in docs/asyncapi.yaml."""

from enum import IntEnum


class Close(IntEnum):
    RESTART = 1012
    OVERLOADED = 1013
    BAD_MESSAGE = 4400
    REAUTHENTICATE = 4401
    WIPE = 4403
    WRONG_PROTOCOL = 4406
    NO_HELLO = 4408
    ELSEWHERE = 4409
    EPOCH_CHANGED = 4410
    APP_TOO_OLD = 4426
    TOO_SLOW = 4429


class Closed(Exception):  # not an error: it is how a conversation ends
    """This socket is to be closed with `code`."""

    def __init__(self, code: Close) -> None:
        super().__init__(code.name)
        self.code = code
