"""`python -m tests.faults.make_crowd 834 12`: 834 groups of twelve with signed-in phones.

It prints one JSON line: each group's id and, for each member, the user, a token and a client id.

It is a separate program, because Django uses one database for the life of a process.
"""

from __future__ import annotations

import json
import os
import sys
import uuid
from typing import Any

from tools.bench.bulk_groups import seed
from tools.bench.groups import Group, Member


def main(groups: int, size: int) -> None:
    seeded = seed(dict(os.environ), groups=groups, size=size)
    print(json.dumps([_plain(group) for group in seeded]))


def _plain(group: Group) -> list[Any]:
    members = [[str(m.user_id), m.token, m.client_id] for m in group.members]
    return [str(group.group_id), members]


def read(text: str) -> list[tuple[str, Member]]:
    """What `main` printed: everyone, with the id of their group."""
    return [
        (group, Member(uuid.UUID(user), token, client))
        for group, members in json.loads(text)
        for user, token, client in members
    ]


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
