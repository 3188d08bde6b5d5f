"""What happens to a change by a phone that did not have the latest document.

Phones are offline for weeks, and people have two of them. Each kind names its policy where it is
declared. Under every policy, sending the same mutation again is harmless, and the text of a
rejected mutation stays on the phone, in its "not sent" box.
"""

from enum import Enum


class Policy(Enum):
    """The values are the sentences of docs/protocol.md."""

    APPEND_ONLY = (
        "Append-only: each mutation adds a row with an id made by the phone. The same again"
        " changes nothing; in a self-report, other words under the same id get an id of their own."
        " Where each person has only one, the first stays and the second is rejected."
    )
    LAST_PUSH_WINS = (
        "Only the fields that are sent change. The last push wins; the values that it replaces are"
        " kept on the server. Once the care team has signed it, a change is rejected as `locked`"
        " with `current`."
    )
    FIELDS_WITH_BASE = (
        "Only the fields that are sent change. If another phone has changed one of them since"
        " `base`, to another value, the mutation is rejected as `conflict` with `current`."
    )
    AUTHOR_WITH_BASE = (
        "Only its author may change it, and only with the current `base`. Otherwise the mutation is"
        " rejected as `conflict` with `current`."
    )
    FURTHEST_WINS = "A number that only grows. A lower number changes nothing."
    STEPS = (
        "A state machine on the server. A step that no longer fits is rejected with `current`; a"
        " step that has been taken already changes nothing. A block wins, whenever it arrives."
    )
    SERVER_OWNED = (
        "Phones only read it. To change it they call an action, which is judged by the state of"
        " the server when it arrives."
    )
