"""What every verb is given."""

from dataclasses import dataclass
from typing import Any

from tools.demo.handset import Handset
from tools.demo.memory import Memory
from tools.demo.staff import Staff
from tools.demo.world import World


@dataclass(frozen=True)
class Stage:
    """Who plays, what they remember, and the world around them."""

    world: World
    memory: Memory
    players: dict[str, Staff | Handset]


def fits(row: dict[str, Any], where: dict[str, Any]) -> bool:
    """Whether the row has all of `where`."""
    return all(row.get(name) == value for name, value in where.items())
