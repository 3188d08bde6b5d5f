"""Why a socket is closed. docs/asyncapi.yaml says what the phone does next."""

from enum import IntEnum


class CloseCode(IntEnum):
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


class SocketClosed(Exception):  # not an error: it is how a conversation ends
    """The server must close this socket with `code`."""

    def __init__(self, code: CloseCode) -> None:
        super().__init__(code.name)
        self.code = code
