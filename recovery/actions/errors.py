"""Why an action did not happen. `recovery.api.errors` turns each into its HTTP answer."""

from typing import Any


class ActionError(Exception):
    """Nothing was changed."""


class Invalid(ActionError):
    """The input is not what the action takes; `errors` says what, field by field."""

    def __init__(self, errors: Any) -> None:
        super().__init__("The input is not valid.")
        self.errors = errors


class NotFound(ActionError):
    """A row that the input names does not exist, or not for this person."""


class NotAllowed(ActionError):
    """The person may see this but not do that."""


class Refused(ActionError):
    """A permanent refusal with a short code and a sentence for the person.

    `current` is the row as it stands now, for a phone that shows both versions.
    """

    def __init__(self, code: str, detail: str, *, current: Any = None) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.current = current


class KeyReused(ActionError):
    """This idempotency key was used for another request."""


class InProgress(ActionError):
    """Another request holds what this one needs; try again shortly."""


class NotReady(ActionError):
    """Something that comes by another way is not here yet. Nothing is stored: the phone brings
    what is `missing`, then asks the same again."""

    def __init__(self, code: str, detail: str, missing: list[str]) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.missing = missing


class UnknownAction(ActionError):
    """No action has this name."""


class TooNew(ActionError):
    """The input is of a version that others know by now, and this server will soon. Nothing is
    stored: ask the same again later."""


class ClientUnknown(ActionError):
    """This phone is not registered, or no longer."""


class ClientForked(ActionError):
    """This mutation id was used for something else: the phone is a copy of another."""


class MutationGap(ActionError):
    """Mutations before this one are missing; send again from `expected`."""

    def __init__(self, expected: int) -> None:
        super().__init__("Earlier mutations are missing.")
        self.expected = expected
