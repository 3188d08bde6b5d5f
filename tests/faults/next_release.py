"""A next release: the current tree with a new kind, a new column and a new index."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.copied_tree import add, blocks, copy_tree
from tests.faults.stacks import run
from tools.local.stack import Stack

MODELS, MIGRATIONS = "recovery/conversations/models.py", "recovery/migrations"
LAST_FIELD = "    withdrawn_at = models.DateTimeField(null=True)\n"
NEW_FIELD = "    language = models.TextField(null=True)\n"
# Written by hand, because makemigrations would lock the table while it builds the index.
INDEX = """
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("recovery", "{after}")]
    operations = [
        AddIndexConcurrently("message", models.Index(fields=["received_at"], name="received"))
    ]
"""


def make_next_release(servers: Stack, tree: Path) -> Path:
    """Its tree, made in `tree`. It has two more migrations, and docs/adding-an-activity.md is done
    in it."""
    copy_tree(tree)
    for path, block in blocks().items():
        add(tree / path, block)
    models = (tree / MODELS).read_text()
    assert models.count(LAST_FIELD) == 1
    (tree / MODELS).write_text(models.replace(LAST_FIELD, LAST_FIELD + NEW_FIELD))
    as_owner(servers, tree, "makemigrations", "recovery", "--name=next")
    newest = tree / MIGRATIONS / "max_migration.txt"
    after = newest.read_text().strip()
    index = f"{int(after[:4]) + 1:04}_index"
    (tree / MIGRATIONS / f"{index}.py").write_text(INDEX.format(after=after))
    newest.write_text(f"{index}\n")
    return tree


def as_owner(servers: Stack, tree: Path, *command: str) -> str:
    """The output of a command of this tree, under the role that migrates."""
    environment = servers.environment() | {"DATABASE_ROLE": "owner"}
    return run([sys.executable, "manage.py", *command], cwd=tree, env=environment)
