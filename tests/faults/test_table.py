"""docs/reliability.md lists every tested fault, all without violations."""

from __future__ import annotations

import re
from pathlib import Path

from tests.faults.table import BEGIN, END, PAGE, ROWS, findings, table

HERE = Path(__file__).parent
FINDINGS = '{"row": "network", "count": 7, "violations": 0, "seconds": 1.6, "figures": {"late": 3}}'


def test_every_row_has_a_test_that_finds_it() -> None:
    others = [path for path in HERE.glob("test_*.py") if path != Path(__file__)]
    tests = "".join(path.read_text() for path in others)
    for row in ROWS:
        assert f"def {row.test}" in tests
        assert f'finding("{row.key}")' in tests
    assert len(re.findall('finding\\("', tests)) == len(ROWS)


def test_the_page_shows_every_row_without_a_violation() -> None:
    shown = PAGE.read_text().partition(BEGIN)[2].partition(END)[0]
    rows = [[cell.strip() for cell in line.split("|")] for line in shown.splitlines()]
    cells_by_fault = {cells[1]: cells for cells in rows if len(cells) == 9}
    for row in ROWS:
        _, _, how, times, promised, violations, _, test, _ = cells_by_fault[row.fault]
        assert (how, promised, violations, test) == (row.how, row.promised, "0", f"`{row.test}`")
        assert int(times) > 0


def test_the_last_finding_counts() -> None:
    earlier = FINDINGS.replace("0, ", "5, ")
    shown = table(findings([earlier, FINDINGS])).splitlines()
    assert shown[2].startswith("| frames dropped")
    assert "| 7 |" in shown[2]
    assert "| 0 | 2 |" in shown[2]
    assert shown[-1] == "- network: late: 3"
