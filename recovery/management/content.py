"""Reading the files that clinicians edit (content/)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from django.core.management.base import CommandError


def read_yaml(path: Path) -> Any:
    """Raises CommandError, which names the file and the line."""
    try:
        return yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as problem:
        raise CommandError(f"{path} cannot be read: {problem}") from problem
