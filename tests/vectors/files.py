"""The files in docs/vectors: one vector each, in readable JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tools.local.data_directory import CHECKOUT

FOLDER = CHECKOUT / "docs" / "vectors"
WIDTH = 100


def path_of(name: str) -> Path:
    return FOLDER / f"{name.replace('_', '-')}.json"


def names() -> list[str]:
    paths = FOLDER.glob("*.json")
    return sorted(path.stem.replace("-", "_") for path in paths if path.name != "schema.json")


def read(name: str) -> dict[str, Any]:
    vector: dict[str, Any] = json.loads(path_of(name).read_text())
    return vector


def written(vector: dict[str, Any]) -> str:
    return f"{_text(vector, 0)}\n"


def _text(value: Any, depth: int) -> str:
    """JSON on one line if it fits, else with one item a line."""
    flat = json.dumps(value, ensure_ascii=False)
    if len(flat) + depth * 2 <= WIDTH or not isinstance(value, dict | list) or not value:
        return flat
    inner, end = "  " * (depth + 1), "  " * depth
    if isinstance(value, list):
        items = [inner + _text(item, depth + 1) for item in value]
        return "[\n" + ",\n".join(items) + f"\n{end}]"
    pairs = [f"{inner}{json.dumps(k)}: {_text(v, depth + 1)}" for k, v in value.items()]
    return "{\n" + ",\n".join(pairs) + f"\n{end}}}"
