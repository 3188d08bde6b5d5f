"""What becomes of a change by a phone that did not know the latest: one policy for each kind.

Phones are offline for weeks, and people have two of them. Whatever the policy, the same mutation
again is harmless, and the words of one that is refused stay on the phone, in its "not sent" box.
"""

from enum import Enum


class Policy(Enum):
    """The values are for docs/protocol.md and for people who write phones."""

    APPEND_ONLY = (
        "A new row with the phone's id each time. The same id again changes nothing; where there is"
        " one for each person (a line, an answer) the first stays and the second is refused."
    )
    LAST_PUSH_WINS = (
        "Only the fields that are sent change; the last push wins, and what it replaced is kept."
        " Once signed by the care team: refused as `locked` with the document as it stands."
    )
    FIELDS_WITH_BASE = (
        "Only the fields that are sent change. One that another phone changed since `base`, to"
        " something else: `conflict` with the document as it stands, so that both can be shown."
    )
    AUTHOR_WITH_BASE = (
        "Its author alone changes it, and only as they last saw it: without the right `base` it is"
        " a `conflict` with the document as it stands."
    )
    FURTHEST_WINS = "A number that only grows: what is behind it changes nothing."
    STEPS = (
        "A state machine on the server. A step that does not fit any more is refused with the"
        " document as it stands, or has been taken already and changes nothing. A block wins,"
        " whenever it arrives."
    )
    SERVER_OWNED = (
        "Phones read it. What they ask for is another action, judged by how things stand when it"
        " arrives."
    )


POLICIES = {
    "appointment": Policy.SERVER_OWNED,
    "arrival_report": Policy.APPEND_ONLY,
    "assignment": Policy.STEPS,
    "attempt": Policy.APPEND_ONLY,
    "attempt_review": Policy.APPEND_ONLY,
    "attendance": Policy.SERVER_OWNED,
    "block": Policy.STEPS,
    "campaign": Policy.STEPS,
    "care_record": Policy.SERVER_OWNED,
    "care_team_member": Policy.SERVER_OWNED,
    "check_in": Policy.LAST_PUSH_WINS,
    "connection": Policy.STEPS,
    "consent": Policy.STEPS,
    "consent_form": Policy.SERVER_OWNED,
    "device_session": Policy.STEPS,
    "episode": Policy.SERVER_OWNED,
    "episode_chapter": Policy.SERVER_OWNED,
    "exercise": Policy.SERVER_OWNED,
    "group": Policy.SERVER_OWNED,
    "group_invitation": Policy.STEPS,
    "inbox_item": Policy.SERVER_OWNED,
    "member_card": Policy.STEPS,
    "message": Policy.AUTHOR_WITH_BASE,
    "notice": Policy.SERVER_OWNED,
    "notice_acknowledgement": Policy.APPEND_ONLY,
    "notice_request": Policy.SERVER_OWNED,
    "pair": Policy.STEPS,
    "person": Policy.SERVER_OWNED,
    "programme": Policy.SERVER_OWNED,
    "read_marker": Policy.FURTHEST_WINS,
    "reminder": Policy.SERVER_OWNED,
    "reminder_preferences": Policy.FIELDS_WITH_BASE,
    "round": Policy.STEPS,
    "round_line": Policy.APPEND_ONLY,
    "session_series": Policy.SERVER_OWNED,
    "staff_member": Policy.SERVER_OWNED,
    "support": Policy.APPEND_ONLY,
    "week_of_hours": Policy.SERVER_OWNED,
    "what_helps": Policy.SERVER_OWNED,
}
