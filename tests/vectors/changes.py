"""What has changed in what the server holds: the `server` members of a vector."""

from __future__ import annotations

from typing import Any

Step = dict[str, Any]


def changes_of(was: Step, now: Step) -> Step:
    """The members that are new or differ; null for those that are gone."""
    changed = {name: value for name, value in now.items() if was.get(name) != value}
    return changed | dict.fromkeys(was.keys() - now.keys())


def scope_changes(was: Step, now: Step) -> Step:
    """`changes_of` the scopes. Of the entries only those that are new or differ (`put`), and the
    names of those that are gone without a tombstone (`gone`)."""
    changes = changes_of(was, now)
    for name in changes.keys() & now.keys():
        before = was.get(name, {}).get("entries", [])
        after = now[name]["entries"]
        left = [entry[:2] for entry in after]
        facts = {fact: value for fact, value in now[name].items() if fact != "entries"}
        put = [entry for entry in after if entry not in before]
        gone = [entry[:2] for entry in before if entry[:2] not in left]
        changes[name] = {**facts, "put": put, "gone": gone}
    return changes
