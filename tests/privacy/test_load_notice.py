"""`manage.py load_notice`: the shipped texts are published once; a broken file changes nothing."""

from __future__ import annotations

import shutil
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from recovery.actions import SYSTEM
from recovery.feed.context import set_actor
from recovery.management.content import FOLDER
from recovery.privacy.models import ConsentForm, Notice
from tests.roles import set_scene

pytestmark = pytest.mark.django_db


def load(*folder: Path) -> str:
    output = StringIO()
    with set_scene():
        call_command("load_notice", *map(str, folder), stdout=output)
    return output.getvalue().strip()


def test_the_shipped_texts_are_published_once_in_both_languages() -> None:
    assert [load(), load()] == ["3 texts to sign, 3 new", "3 texts to sign, 0 new"]
    set_actor(SYSTEM.id)
    assert Notice.objects.visible_to(SYSTEM).count() == 2
    assert ConsentForm.objects.visible_to(SYSTEM).count() == 4


@pytest.mark.parametrize("broken", ["kind: [", "kind: part2_notice\nversion: '1'\n", "- a list"])
def test_a_broken_file_is_named(tmp_path: Path, broken: str) -> None:
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "notice.2030-01.yaml").write_text(broken)
    with pytest.raises(CommandError, match=r"notice\.2030-01\.yaml"):
        load(tmp_path)
    set_actor(SYSTEM.id)
    assert not Notice.objects.visible_to(SYSTEM).exists()


@pytest.mark.parametrize(
    ("before", "after"),
    [("Questions", "Any questions"), ("2026-02-16", "2026-02-17"), ("CFR 2.22", "CFR 2.23")],
)
def test_a_change_needs_a_new_version(tmp_path: Path, before: str, after: str) -> None:
    load()
    (tmp_path / "texts").mkdir()
    path = Path(shutil.copy(FOLDER / "texts" / "notice.2026-02.yaml", tmp_path / "texts"))
    head, basis, rest = path.read_text().partition("\nkind:")
    assert before in rest
    path.write_text(head + basis + rest.replace(before, after))
    with pytest.raises(CommandError, match="Make it the next version"):
        load(tmp_path)
    assert load().endswith("0 new")


def test_an_empty_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="holds no"):
        load(tmp_path)
