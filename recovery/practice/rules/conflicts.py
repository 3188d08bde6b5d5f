"""What happens when an answer arrives from a phone that did not know the latest, by kind."""

APPEND_ONLY = "A new row with the phone's id each time; nothing to be in conflict with."
FIELDWISE_LAST_PUSH = (
    "Only the fields that are sent change; the last push wins and what it replaced is kept."
    " Once signed by the care team: refused as `locked`, and the phone keeps the text."
)
CARE_TEAM_ONLY = "Written by the care team alone; phones read it."
SERVER_ONLY = "Worked out by the server; phones read it."

POLICIES = {
    "attempt": APPEND_ONLY,
    "attempt_review": APPEND_ONLY,
    "check_in": FIELDWISE_LAST_PUSH,
    "assignment": CARE_TEAM_ONLY,
    "what_helps": SERVER_ONLY,
    "exercise": SERVER_ONLY,
}
