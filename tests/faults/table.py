"""`python -m tests.faults.table`: the table of docs/reliability.md, from what the runs found.

`make soak` appends to .local/reliability.jsonl. The last finding of each row counts.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from tests.faults.report import FINDINGS
from tools.local.data_directory import CHECKOUT

PAGE = CHECKOUT / "docs" / "reliability.md"
BEGIN, END = "<!-- table -->\n", "<!-- end of table -->\n"
HEAD = "| fault | how | times | promised | violations | seconds | again with `-k` |\n|" + "---|" * 7


@dataclass(frozen=True)
class Row:
    """`key` is what the test passes to report.finding. `test` is the name of its function."""

    key: str
    fault: str
    how: str
    promised: str
    test: str


ROWS = (
    Row(
        "web killed",
        "kill -9 of web inside a transaction, before COMMIT, after COMMIT but before the answer,"
        " and at any moment",
        "a proxy in front of PostgreSQL pauses at the chosen message while the Granian processes"
        " are killed",
        "the same uuid gives the same result, however often; one row, one audit entry, one number",
        "test_web_killed_at_any_point",
    ),
    Row(
        "PostgreSQL stopped",
        "PostgreSQL stops without a checkpoint, for 0, 3 and 45 s, under load",
        "`pg_ctl stop --mode=immediate`, then the same command line",
        "503 with Retry-After ≤ 2, nothing hangs; healthy ≤ 10 s after it is back; worker and"
        " pump survive",
        "test_postgresql_stopped",
    ),
    Row(
        "Valkey away",
        "Valkey forgets everything, restarts, and is away for 60 s, under load",
        "FLUSHALL; SIGKILL and a new process",
        "every write succeeds; phones are ≤ 10 s late without it, ≤ 5 s after its return; sign-in"
        " works; limits on credentials stay exact; tickets are refused",
        "test_valkey",
    ),
    Row(
        "network",
        "frames dropped, doubled, swapped and late; requests and answers lost",
        "proxies between phones and live, and between phones and web",
        "phones end equal to the server, in one order, and nothing is done twice",
        "test_frames",
    ),
    Row(
        "revocation",
        "a member is removed, or a device session ends, and every message about it is lost",
        "a proxy in front of Valkey drops everything on `user.` and `session.` channels",
        "no byte committed later reaches the removed member's open socket; a socket closes ≤ 5 s"
        " after its device session has ended",
        "test_not_a_byte",
    ),
    Row(
        "release",
        "SIGTERM to web, live, pump and worker under load",
        "the next web serves before the old one gets SIGTERM",
        "each ends by itself ≤ 30 s; sockets are closed with 1012; no acknowledged write fails",
        "test_processes_end",
    ),
    Row(
        "two releases",
        "a migration under load, then the old and the new release side by side, then the new one"
        " alone",
        "this tree, and a copy of it with a new kind, a new column and an index built concurrently;"
        " both serve one database, which people write and read through both",
        "no 5xx; nobody waits 2 s for a lock; each process of the old release ends ≤ 30 s; no"
        " acknowledged write fails",
        "test_a_migration_under_load",
    ),
    Row(
        "restore",
        "base backup, disaster, restore to a moment before acknowledged writes",
        "every command of docs/operations.md, on PostgreSQL's own backup and archive",
        "phones see the new epoch and send again what is missing; nothing lost or doubled; no"
        " push sent twice; audit chain and feed verify",
        "test_a_restore",
    ),
    Row(
        "failover",
        "the primary is lost, and a standby that lacks acknowledged writes is promoted",
        "streaming replication that is cut before the last writes; every command of"
        " docs/operations.md",
        "the epoch changes with the promotion, by itself; phones send again what is missing;"
        " nothing lost or doubled; nobody is signed out",
        "test_a_promoted_standby",
    ),
    Row(
        "clock stepped",
        "the clock of the machine goes an hour ahead, back, an hour behind, and back, under load",
        "libfaketime under PostgreSQL, Valkey and all processes, in a time zone of the Pacific",
        "each reminder once, each push once; no patient is signed out; no limit refuses for longer"
        " than its window; heartbeats and the sealing of the audit go on",
        "test_the_clock_of_the_machine",
    ),
    Row(
        "data volume full",
        "the volume of PostgreSQL's data is full for 15 s, under load",
        "a small tmpfs, filled to the last byte; the write-ahead log is elsewhere",
        "writes are refused with 503 and Retry-After, or stop a phone's queue; patients' pulls are"
        " all answered; healthy ≤ 10 s after there is room",
        "test_the_volume_of_the_data",
    ),
    Row(
        "log volume full",
        "the volume of PostgreSQL's write-ahead log is full, under load",
        "a small tmpfs, filled to the last byte, until PostgreSQL ends by itself",
        "503 with Retry-After ≤ 2; `/healthz` answers; nothing acknowledged is lost; healthy ≤ 10 s"
        " after PostgreSQL is started with room",
        "test_the_volume_of_the_log",
    ),
    Row(
        "logs full",
        "the volume of all logs is full, Valkey is away for 15 s, under load",
        "`/dev/full` as the output of every process and of PostgreSQL, which logs each statement",
        "every request is answered as before; no process ends; each ends well on SIGTERM",
        "test_the_volume_of_all_logs",
    ),
    Row(
        "idle transaction",
        "an idle transaction holds a lock; a statement runs too long",
        "a session of role `app` that updates a phone's row and goes silent; `pg_sleep`",
        "requests wait ≤ 2 s for the lock, free after 30 s; a statement of web ends after 5 s",
        "test_a_lock",
    ),
    Row(
        "no connection",
        "PostgreSQL has no connection left",
        "all of `max_connections` held, those of web ended",
        "503 with Retry-After ≤ 2; pushes of the lane `urgent` and requests for a code to sign in"
        " are served all the same; `/healthz` answers; healthy ≤ 10 s after",
        "test_every_connection",
    ),
    Row(
        "pool taken",
        "more requests at once than web has connections, all waiting for one lock",
        "a pool of two, ten threads, a locked row",
        "503 with Retry-After ≤ 2; `/healthz` answers; it recovers by itself",
        "test_a_web_whose_own_pool",
    ),
    Row(
        "herd",
        "10,000 phones lose their sockets as a live process ends, and connect to the next one",
        "SIGTERM to live; every phone waits as the reference phone does, says hello and pulls",
        "each socket is closed with 1012; phones come back over 30 s or more, and all of them;"
        " ≤ 64 KB a socket; web answers others all the time",
        "test_ten_thousand_phones",
    ),
    Row(
        "slow readers",
        "phones that stop reading their sockets",
        "a window of 4 KB and 800 frames of 7 KB",
        "closed with 4429, or cut off; ≤ 1 MB each; the others miss nothing",
        "test_phones_that_do_not_read",
    ),
)


def findings(lines: Iterable[str]) -> dict[str, dict[str, Any]]:
    """The last finding of each row, by its key."""
    return {record["row"]: record for record in map(json.loads, lines)}


def table(records: dict[str, dict[str, Any]]) -> str:
    """Markdown: one line per row, then the measurements."""
    known = [row for row in ROWS if row.key in records]
    rows = [_row(row, records[row.key]) for row in known]
    measured = [_measured(row, records[row.key]) for row in known]
    return "\n".join([HEAD, *rows, "", "Measured in these runs:", "", *measured, ""])


def _row(row: Row, record: dict[str, Any]) -> str:
    cells = [row.fault, row.how, record["count"], row.promised, record["violations"]]
    return "| " + " | ".join(map(str, [*cells, round(record["seconds"]), f"`{row.test}`"])) + " |"


def _measured(row: Row, record: dict[str, Any]) -> str:
    figures = ", ".join(f"{name}: {value}" for name, value in record["figures"].items())
    return f"- {row.key}: {figures}"


def main() -> None:
    page = PAGE.read_text()
    before, _, rest = page.partition(BEGIN)
    after = rest.partition(END)[2]
    records = findings(FINDINGS.read_text().splitlines())
    PAGE.write_text(f"{before}{BEGIN}{table(records)}{END}{after}")


if __name__ == "__main__":
    main()
