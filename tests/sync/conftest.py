"""The stage fixture: one database, live tier and event loop for all plays of a module."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.db import connections
from pytest_django import DjangoDbBlocker

from tests.databases import empty
from tests.servers import owner_url
from tests.sync.actions import registered
from tests.sync.ground import Ground
from tests.sync.house import House, Valkey
from tests.sync.play import Stage


@pytest.fixture(scope="module")
def stage(django_db_setup: set[str], django_db_blocker: DjangoDbBlocker) -> Iterator[Stage]:
    """Plays commit, each in a world of its own. All tables are emptied after the module."""
    loop = asyncio.new_event_loop()
    name = settings.DATABASES["default"]["NAME"]
    with django_db_blocker.unblock(), registered():
        house = House(loop, Valkey(settings.VALKEY_URL))
        ground = Ground(owner_url(name))
        yield Stage(ground, house)
        house.close()
        ground.owner.close()
        connections.close_all()
    loop.close()
    empty(django_db_setup)
