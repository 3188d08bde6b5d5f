"""Fill a programme with years of care, all rows in bulk: see large_programme.sql."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path

import psycopg

from tools.bench.vacuum import vacuum_analyze

FILL = Path(__file__).with_suffix(".sql")


@dataclass(frozen=True)
class Size:
    patients: int
    staff: int
    messages: int
    events: int  # of the audit

    def share(self, share: float) -> Size:
        """The same on a smaller scale."""
        return Size(**{name: round(number * share) for name, number in asdict(self).items()})


LARGE = Size(patients=10_000, staff=200, messages=2_000_000, events=1_000_000)
# One of each kind: a counsellor with one person in care, an administrator, a coordinator.
SMALL = Size(patients=3, staff=3, messages=10, events=10)


def seed(owner: str, programmes: dict[str, Size]) -> None:
    """Fill each of these programmes, by its slug. `owner`: the URL of the database's owner."""
    fill = FILL.read_text(encoding="utf-8")
    for slug, size in programmes.items():
        settings = {"programme": slug, **{name: str(n) for name, n in asdict(size).items()}}
        with psycopg.connect(owner) as connection:
            for name, value in settings.items():
                connection.execute("SELECT set_config(%s, %s, true)", [f"bench.{name}", value])
            connection.execute(fill)
    vacuum_analyze()
