"""The TypeScript phone passes docs/vectors on its own schedule."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from tests.clients.js.device import LONGEST_CHANCE, NO_CHANCE, NodeDevice
from tests.clients.js.drive import Drive
from tests.vectors import files
from tests.vectors.loose import LoosePlay


@pytest.mark.parametrize("name", files.names())
async def test_it_settles_as_the_vector_says(name: str, drive: Drive, tmp_path: Path) -> None:
    device = partial(NodeDevice, drive, chance=LONGEST_CHANCE)
    await LoosePlay(files.read(name), tmp_path, device=device).run()


@pytest.mark.parametrize("name", files.names())
async def test_it_waits_no_shorter_and_syncs_at_each_frame(
    name: str, drive: Drive, tmp_path: Path
) -> None:
    """Again, with the shortest waits, with WebCrypto, and with a sync at each frame."""
    device = partial(NodeDevice, drive, chance=NO_CHANCE, cipher="web")
    await LoosePlay(files.read(name), tmp_path, device=device, hasty=True).run()
