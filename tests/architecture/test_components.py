"""Every component that is served is listed with its hashes, and none is older than the version that
mended its last known flaw."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from packaging.version import Version

from tests.architecture.lock_files import SERVED, hashes, locked
from tools.local.data_directory import CHECKOUT

SAFE = re.compile(r"^([a-z0-9-]+)>=(\S+)\s+# (CVE-\d{4}-\d+)$")


def test_the_list_of_components_is_valid_and_complete(tmp_path: Path) -> None:
    text = listed(tmp_path / "sbom.json")
    components = json.loads(text)["components"]
    assert {c["name"]: c["version"] for c in components} == locked(SERVED)
    assert {c["name"]: digests(c) for c in components} == hashes(SERVED)
    assert json.loads(text)["metadata"]["component"]["name"] == "handrail"


def listed(path: Path) -> str:
    """What `make sbom` writes. It fails if CycloneDX's own schema does not allow it."""
    here = [f"BIN={Path(sys.executable).parent}", "INSTALLED=requirements.txt", f"SBOM={path}"]
    # Not as a part of the make that may have started this run.
    environment = {k: v for k, v in os.environ.items() if not k.startswith("MAKE")}
    subprocess.run(["make", "sbom", *here], cwd=CHECKOUT, env=environment, check=True)
    return path.read_text()


def digests(component: dict[str, Any]) -> set[str]:
    sources = component["externalReferences"]
    return {digest["content"] for source in sources for digest in source["hashes"]}


def test_no_component_is_older_than_its_last_known_flaw() -> None:
    lines = (CHECKOUT / "deploy" / "safe-versions.txt").read_text().splitlines()
    lowest = [SAFE.match(line) for line in lines if not line.startswith("#")]
    assert lowest
    versions = locked(SERVED)
    for line in lowest:
        assert line, "each line is `name>=version  # CVE-…`"
        assert Version(versions[line[1]]) >= Version(line[2]), line[0]
