"""The context that every verb and expectation receives."""

from dataclasses import dataclass
from typing import Any

from tools.demo.browser import Browser
from tools.demo.handset import Handset
from tools.demo.memory import Memory
from tools.demo.product import Product
from tools.demo.staff import Staff

Player = Staff | Handset | Browser


@dataclass(frozen=True)
class Stage:
    """The players, the values they have kept, and the product that they meet."""

    product: Product
    memory: Memory
    players: dict[str, Player]


def matches(row: dict[str, Any], where: dict[str, Any]) -> bool:
    """Whether the row has all fields of `where`."""
    return all(row.get(name) == value for name, value in where.items())
