"""Contact sheets: pages on which pictures stand side by side."""

from __future__ import annotations

from html import escape
from pathlib import Path
from urllib.parse import quote

STYLE = """
body { font: 14px sans-serif; margin: 16px; background: #888; color: #000 }
section { display: flex; gap: 8px; align-items: start; margin-bottom: 24px }
h2 { font-size: 16px; width: 120px; margin: 0; overflow-wrap: anywhere }
img { width: 300px; outline: 1px solid #444 }
"""


def sheet_row(state: str, pictures: dict[str, str]) -> str:
    """One state. `pictures`: what each shows, and its file."""
    shown = "".join(
        f'<img alt="{escape(what)}" src="{quote(file)}">' for what, file in pictures.items()
    )
    return f"<section><h2>{escape(state)}</h2>{shown}</section>"


def write_page(path: Path, body: str) -> None:
    head = f'<!doctype html><meta charset="utf-8"><title>{path.stem}</title><style>{STYLE}</style>'
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(head + body, encoding="utf-8")
