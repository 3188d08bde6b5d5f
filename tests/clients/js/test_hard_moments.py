"""The TypeScript phone keeps its word in every hard moment."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.clients.js.drive import Drive
from tests.clients.js.hard_moments import MOMENTS, Phone


@pytest.mark.parametrize("name", MOMENTS)
def test_it_keeps_its_word(name: str, drive: Drive, tmp_path: Path) -> None:
    phone = Phone(drive, tmp_path)
    MOMENTS[name](phone)
    drive.forget(phone.device.name)
