"""Scripts that look at a page as a person would: at each screen of the phone app, and each page of
the console. SIGHT comes first; each of the others gives a list of faults, in sentences."""

from __future__ import annotations

from pathlib import Path

HERE = Path(__file__).parent
SIGHT, LAYOUT, REACH, HELP, EDGES, LANGUAGE, PRESS, EARS = (
    HERE.joinpath(f"{name}.js").read_text(encoding="utf-8")
    for name in ("sight", "layout", "reach", "help", "edges", "language", "press", "ears")
)
AXE = """async () => (await axe.run()).violations.flatMap(({ id, nodes }) =>
  nodes.map(({ html }) => `${id}: ${html.slice(0, 90)}`))"""
