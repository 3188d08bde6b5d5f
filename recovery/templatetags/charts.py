"""Charts, drawn here: they need no script, print, and have their numbers beside them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

from django import template

register = template.Library()
WIDTH, HEIGHT = 280, 100  # of the drawing, which is stretched to its place


@dataclass(frozen=True)
class Point:
    """One day with its number, and where it is drawn."""

    day: date
    number: int
    x: float
    y: float

    def __str__(self) -> str:
        return f"{self.x:g} {self.y:g}"


@register.inclusion_tag("console/parts/plot.html")
def plot(
    days: list[tuple[date, int | None]], finding: str, about: str, measure: str, top: int = 10
) -> dict[str, Any]:
    """A line of one number a day from 0 to `top`; None is unknown, and is bridged by dashes.

    `finding`: what it shows, as a sentence. `about`: what the numbers are. `measure`: one word.
    """
    points = _points(days, top)
    following = {earlier: later for (earlier, _), (later, _) in pairwise(days)}
    lines: list[list[Point]] = [[]]
    gaps = []
    for point in points:
        before = lines[-1][-1] if lines[-1] else None
        if before and following[before.day] != point.day:
            gaps.append(_path([before, point]))
            lines.append([])
        lines[-1].append(point)
    return {
        "width": WIDTH,
        "height": HEIGHT,
        "top": top,
        "days": days,
        "finding": finding,
        "about": about,
        "measure": measure,
        "lines": [_path(line) for line in lines if len(line) > 1],
        "gaps": gaps,
        # A line of no length with round ends is a dot that is not stretched.
        "dots": " ".join(f"M{point}h0" for point in points),
    }


def _points(days: list[tuple[date, int | None]], top: int) -> list[Point]:
    step = WIDTH / max(1, len(days))
    return [
        Point(day, number, round((at + 0.5) * step, 1), HEIGHT - HEIGHT * number / top)
        for at, (day, number) in enumerate(days)
        if number is not None
    ]


def _path(points: Iterable[Point]) -> str:
    return "M" + "L".join(str(point) for point in points)
