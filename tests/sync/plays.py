"""Written-out plays: for each rule one that fails without it, and one for every defect so far.

See play.py for the steps. All plays pass while every rule is on.
"""

from __future__ import annotations

from tests.sync.play import Step

A, B = ("ana", "a", True), ("ana", "b", True)
A_DELETED = ("ana", "a", False)
GROUP_A, GROUP_B = ("group", "a", True), ("group", "b", True)


def live(phone: str) -> list[Step]:
    """An up-to-date phone with a socket whose hello it has read."""
    return [
        ("sync", phone, 500),
        ("connect", phone),
        ("read_all", phone),
        ("wake", phone, 500),
    ]


AWAY_WHILE_DELETED: list[Step] = [
    ("write", "ana", A),
    ("sync", "ana1", 500),
    ("write", "ana", A_DELETED),
]
COLLECTED_WHILE_AWAY: list[Step] = [*AWAY_WHILE_DELETED, ("collect", "ana", 100)]
PAGES_BELOW_THE_FLOOR: list[Step] = [
    ("write", "ana", A),
    ("write", "ana", B),
    ("write", "ana", ("ana", "c", True)),
    ("write", "ana", A_DELETED),
    ("collect", "ana", 100),
    ("sync", "ana1", 1),
]
HOLES_IN_TWO_SCOPES: list[Step] = [
    *[("write", "ana", GROUP_A)] * 2,
    *[("write", "ana", ("program", "a", True))] * 2,
    ("sync", "ana1", 2),
]
LEFT: list[Step] = [("write", "ana", GROUP_A), ("sync", "ben1", 500), ("let_out", "ben", "group")]
CAME_BACK: list[Step] = [*LEFT, ("let_in", "ben", "group", True), ("write", "ana", GROUP_B)]
CAME_BACK_TO_PAGES: list[Step] = [
    ("write", "ana", GROUP_A, GROUP_B),
    ("sync", "ben1", 500),
    ("let_in", "ben", "group", True),
    ("write", "ana", ("group", "c", True)),
    ("write", "ana", ("group", "d", True)),
    ("sync", "ben1", 1),
]
RESTORED_FROM_BACKUP: list[Step] = [
    ("sync", "ana1", 500),
    ("back_up",),
    ("write", "ana", A, GROUP_A),
    ("sync", "ana1", 500),
    ("restore",),
    ("write", "ana", B, GROUP_B),
    ("sync", "ana1", 1),
]
MUTATION_LOST_BY_RESTORE: list[Step] = [
    ("sync", "ana1", 500),
    ("back_up",),
    ("do", "ana1", "applied", "main", A),
    ("sync", "ana1", 500),
    ("restore",),
]
MUTATION_AFTER_RESTORE: list[Step] = [
    *MUTATION_LOST_BY_RESTORE,
    ("do", "ana1", "applied", "main", B),
]
ANSWER_LOST: list[Step] = [
    ("sync", "ana1", 500),
    ("do", "ana1", "applied", "main", A),
    ("start", "ana1", "all", 500),
    ("serve", "ana1", 0),
    ("lose", "ana1", 0),
]
ROLLED_BACK: list[Step] = [
    ("sync", "ana1", 500),
    ("photograph", "ana1"),
    ("do", "ana1", "refused", "main", A),
    ("sync", "ana1", 500),
    ("roll_back", "ana1"),
    ("do", "ana1", "applied", "main", B),
]
ROLLED_BACK_AND_TAKEN_BACK: list[Step] = [
    ("sync", "ana1", 500),
    ("do", "ana1", "applied", "main", A),
    ("photograph", "ana1"),
    ("sync", "ana1", 500),
    ("roll_back", "ana1"),
    ("take_back", "ana1", 0),
]
CLONED: list[Step] = [
    ("sync", "ana1", 500),
    ("photograph", "ana1"),
    ("do", "ana1", "applied", "main", A),
    ("sync", "ana1", 500),
    ("clone", "ana1"),
    ("do", "clone", "applied", "main", B),
]
CONTROL_LOST: list[Step] = [
    *live("ben1"),
    ("let_out", "ben", "group"),
    ("hints", "user"),
    ("write", "ana", GROUP_A),
    ("hints", "none"),
]
POSTED_BEFORE_BEN_JOINED: list[Step] = [
    *live("ana1"),
    ("let_out", "ben", "group"),
    ("hints", "none"),
    ("write", "ana", GROUP_A),
    ("let_in", "ben", "group", True),
    *live("ben1"),
    ("hints", "none"),
]
HINTS_LOST: list[Step] = [*live("ana1"), ("write", "ana", A), ("hints", "all")]
INVITATION_LOST: list[Step] = [
    ("let_out", "ben", "group"),
    ("write", "ana", GROUP_A),
    *live("ben1"),
    ("let_in", "ben", "group", False),
    ("hints", "user"),
]
VIEW_SHRANK_HINT_LOST: list[Step] = [
    ("write", "ana", ("program", "a", True)),
    *live("ben1"),
    ("let_in", "ben", "program", True),
    ("hints", "user"),
]
FRAME_AND_NEWCOMER_HINTS_LOST: list[Step] = [
    *live("ana1"),
    ("write", "ana", ("program", "a", True)),
    ("hints", "all"),
    ("let_in", "ben", "program", False),
]
FRAME_LOST: list[Step] = [
    *live("ana1"),
    ("write", "ana", A),
    ("write", "ana", B),
    ("hints", "none"),
    ("read", "ana1", 0, "lost"),
    ("read_all", "ana1"),
]
LATE_ANSWER: list[Step] = [
    ("sync", "ana1", 500),
    ("write", "ana", A),
    ("start", "ana1", "all", 500),
    ("serve", "ana1", 0),
    ("do", "ana1", "applied", "main", B),
    ("start", "ana1", "all", 500),
    ("deliver", "ana1", 1),
    ("deliver", "ana1", 0),
]
QUEUED_DURING_A_RESET: list[Step] = [
    ("sync", "ben1", 500),
    ("let_in", "ben", "group", False),
    ("start", "ben1", "all", 500),
    ("serve", "ben1", 0),
    ("do", "ben1", "applied", "main", GROUP_A),
    ("deliver", "ben1", 0),
]

# A defect that a play uncovered: a mutation queued while an answer about the same ids was in
# flight counted as sent.
LET_IN_BEFORE_THE_DIGEST: list[Step] = [
    ("write", "ana", ("program", "b", True)),
    ("sync", "ana1", 500),
    ("let_in", "ana", "program", True),
    ("upgrade", "ana1"),
    ("start", "ana1", "all", 2),
    ("deliver", "ana1", 0, 0),
    ("start", "ana1", "all", 2),
    ("serve", "ana1", 1),
    ("let_in", "ana", "program", False),
]
PUT_BACK: list[Step] = [
    ("sync", "ana1", 500),
    ("photograph", "ana1"),
    ("do", "ana1", "applied", "main", A),
    ("sync", "ana1", 500),
    ("roll_back", "ana1"),
]
COUNTED_TWICE: list[Step] = [
    *PUT_BACK,
    ("start", "ana1", "all", 500),
    ("serve", "ana1", 0),
    ("do", "ana1", "applied", "main", B),
    ("deliver", "ana1", 0),
]
COUNTED_TWICE_BEHIND_A_PULL: list[Step] = [
    *PUT_BACK,
    *[("start", "ana1", "all", 500)] * 2,
    ("do", "ana1", "applied", "main", B),
    *[("deliver", "ana1", 0)] * 2,
]

# The answer to a push comes when the phone has another client id, and the server has forgotten.
ANSWERED_UNDER_AN_EARLIER_ID: list[Step] = [
    ("back_up",),
    ("sync", "ana1", 500),
    ("do", "ana1", "applied", "main", A),
    ("start", "ana1", "all", 500),
    ("serve", "ana1", 0),
    ("restore",),
    ("do", "ana1", "applied", "urgent", B),
    ("start", "ana1", "urgent", 500),
    ("deliver", "ana1", 1),
    ("deliver", "ana1", 1),
    ("deliver", "ana1", 0),
]

WITHOUT: dict[str, list[Step]] = {
    "epoch compared": RESTORED_FROM_BACKUP,
    "grant compared": [
        ("sync", "ben1", 500),
        ("let_in", "ben", "group", True),
        ("write", "ana", GROUP_A),
    ],
    "a shrunk view purged": CAME_BACK,
    "floor compared": COLLECTED_WHILE_AWAY,
    "floor raised": COLLECTED_WHILE_AWAY,
    "base counts for the floor": PAGES_BELOW_THE_FLOOR,
    "base moved by a reset": PAGES_BELOW_THE_FLOOR,
    "tombstones sent": AWAY_WHILE_DELETED,
    "paging goes on": [
        ("write", "ana", ("program", "a", True)),
        ("write", "ana", ("program", "b", True)),
        ("sync", "ana1", 1),
    ],
    "paging goes on to other scopes": HOLES_IN_TWO_SCOPES,
    "history begins at visible_from": CAME_BACK,
    "open scopes only": [("write", "ana", GROUP_A), ("sync", "ben1", 500), ("shut", "group")],
    "drops sent": LEFT,
    "receipt looked up": ANSWER_LOST,
    "turn taken": [("do", "ana1", "applied", "main", A)],
    "fork detected": ROLLED_BACK,
    "gap detected": MUTATION_AFTER_RESTORE,
    "acl raised": CONTROL_LOST,
    "acl stamp compared": CONTROL_LOST,
    "audience queried": CONTROL_LOST,
    "old news without documents": POSTED_BEFORE_BEN_JOINED,
    "heads sent": HINTS_LOST,
    "memberships checked at each beat": INVITATION_LOST,
    "marks compared at each beat": VIEW_SHRANK_HINT_LOST,
    "heads sent after a check": FRAME_AND_NEWCOMER_HINTS_LOST,
    "gap in frames": FRAME_LOST,
    "heads handled": HINTS_LOST,
    "late answers discarded": LATE_ANSWER,
    "drops applied": LEFT,
    "purges applied": CAME_BACK_TO_PAGES,
    "sweeps finished": COLLECTED_WHILE_AWAY,
    "tombstones applied": AWAY_WHILE_DELETED,
    "positions void in another epoch": RESTORED_FROM_BACKUP,
    "outbox kept at a reset": QUEUED_DURING_A_RESET,
    "outbox kept when refused": ROLLED_BACK,
    "offered again in another epoch": MUTATION_LOST_BY_RESTORE,
    "copies register": CLONED,
    "results named by uuid": COUNTED_TWICE,
    "grants of digests compared": LET_IN_BEFORE_THE_DIGEST,
}

# All plays that are written out here, by name.
WRITTEN: dict[str, list[Step]] = {
    **{
        name: play
        for name, play in list(globals().items())
        if name.isupper() and type(play) is list
    },
    **{f"without: {rule}": play for rule, play in WITHOUT.items()},
}
