"""The library is published to everybody of a language, once, and never changes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from django.conf import settings
from django.db import transaction

from recovery.actions.errors import NotAllowed
from recovery.feed import scopes
from recovery.feed.collect import collecting
from recovery.feed.context import set_actor
from recovery.feed.models import FeedEntry, Membership
from recovery.people.models import User
from recovery.practice.models import Exercise
from tests.factories.people import make_user
from tests.factories.practice import Act, content, documents

SHIPPED = settings.BASE_DIR / "library"


def load(folder: Path) -> subprocess.CompletedProcess[str]:
    """`manage.py load_library` as an operator runs it."""
    return subprocess.run(
        ["env", "DATABASE_ROLE=jobs", sys.executable, "manage.py", "load_library", str(folder)],
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )


def reader(locale: str) -> User:
    """Somebody new who reads the library in one language."""
    user = make_user()
    with transaction.atomic(), collecting():
        scopes.grant(scopes.scope_id(f"library:{locale}"), user.id, "reader")
    return user


@transaction.atomic
def numbers() -> list[int]:
    """The numbers of everything in the Spanish library."""
    set_actor(reader("es").id)
    library = scopes.scope_id("library:es")
    return sorted(FeedEntry.objects.filter(scope_id=library).values_list("seq", flat=True))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A library of one exercise, to change."""
    (tmp_path / "exercises").mkdir()
    write(tmp_path)
    return tmp_path


def write(folder: Path, **changed: object) -> None:
    changed_content = content("stop") | changed
    path = folder / "exercises" / "stop.yaml"
    path.write_text(yaml.safe_dump(changed_content, allow_unicode=True), encoding="utf-8")


def test_the_library_is_loaded_once_in_both_languages(committed_db: None):
    first = load(SHIPPED)
    assert (first.returncode, first.stdout) == (0, "12 exercises, 12 new in the library\n")
    english = {told["slug"]: told for told in documents(reader("en"), "exercise")}
    spanish = {told["slug"]: told for told in documents(reader("es"), "exercise")}
    assert english.keys() == spanish.keys() == {p.stem for p in SHIPPED.glob("exercises/*")}
    assert english["stop"]["title"] == "STOP"
    assert spanish["stop"]["title"] == "ALTO"
    assert spanish["stop"]["exercise"] == english["stop"]["exercise"] == content("stop")["id"]
    assert spanish["stop"]["steps"][1]["fields"][0]["seconds"] == 20
    before = numbers()
    assert load(SHIPPED).stdout == "12 exercises, 0 new in the library\n"
    assert numbers() == before


def test_a_published_version_cannot_be_changed_but_a_new_one_joins_it(
    committed_db: None, folder: Path
):
    assert load(folder).returncode == 0
    write(folder, minutes=3)
    refused = load(folder)
    assert refused.returncode == 1
    assert "stop.yaml: version: This version is published already" in refused.stderr
    assert [told["minutes"] for told in documents(reader("en"), "exercise")] == [2]
    write(folder, minutes=3, version=2)
    assert load(folder).stdout == "1 exercises, 1 new in the library\n"
    told = [(told["version"], told["minutes"]) for told in documents(reader("en"), "exercise")]
    assert told == [(1, 2), (2, 3)]
    write(folder)
    assert load(folder).stdout == "1 exercises, 0 new in the library\n"


def test_a_library_with_mistakes_changes_nothing(committed_db: None, folder: Path):
    (folder / "exercises" / "wrong.yaml").write_text("slug: wrong\n", encoding="utf-8")
    refused = load(folder)
    assert refused.returncode == 1
    assert "wrong.yaml:1: steps: This field is required." in refused.stderr
    assert "Traceback" not in refused.stderr
    assert not Exercise.objects.exists()


def test_an_empty_folder_is_a_mistake(committed_db: None, tmp_path: Path):
    refused = load(tmp_path)
    assert refused.returncode == 1
    assert "holds no *.yaml file" in refused.stderr


@pytest.mark.django_db
def test_nobody_publishes_by_request():
    user = make_user()
    with pytest.raises(NotAllowed):
        Act(user)("practice.publish_exercise", content("stop"))
    assert not Exercise.objects.exists()
    assert not Membership.objects.filter(role="librarian").exists()
