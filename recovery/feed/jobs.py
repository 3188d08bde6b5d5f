"""The nightly upkeep of the feed, as role `jobs`. Idempotent."""

from __future__ import annotations

import structlog
from django.utils import timezone
from procrastinate.contrib.django import app

from recovery.feed import ageing, tombstones
from recovery.feed.upkeep import RETRY

log = structlog.get_logger()


@app.periodic(cron="3 3 * * *")
@app.task(name="feed.let_go_of_history", queueing_lock="feed.let_go_of_history", retry=RETRY)
def let_go_of_history(timestamp: int) -> None:
    """Take out of the feed what people wrote long ago. Members read it page by page."""
    log.info("history_let_go", count=ageing.age(timezone.now()))


@app.periodic(cron="23 3 * * *")
@app.task(name="feed.collect_tombstones", queueing_lock="feed.collect_tombstones", retry=RETRY)
def collect_tombstones(timestamp: int) -> None:
    """Delete tombstones so old that every phone in regular use has seen them."""
    log.info("tombstones_collected", count=tombstones.collect(timezone.now()))
