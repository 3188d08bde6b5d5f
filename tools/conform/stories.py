"""The registry of stories. Each is a function that plays one on a stage; its docstring is for the
people who write clients."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from tools.conform.stage import Stage

Story = Callable[[Stage], Awaitable[None]]
STORIES: dict[str, Story] = {}


def story(play: Story) -> Story:
    STORIES[play.__name__] = play
    return play


def about(play: Story) -> str:
    """What the story is about, in one paragraph."""
    return " ".join((play.__doc__ or "").split())
