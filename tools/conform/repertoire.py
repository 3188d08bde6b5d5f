"""All stories: imports every module of them, so that registration is explicit."""

from tools.conform import (
    stories_live,
    stories_outbox,
    stories_pages,
    stories_requests,
    stories_screen,
)
from tools.conform.stories import STORIES

__all__ = ["MODULES", "STORIES"]
MODULES = (stories_requests, stories_pages, stories_outbox, stories_live, stories_screen)
