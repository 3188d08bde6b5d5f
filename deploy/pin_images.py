"""Pin every image of docker-compose.yml and deploy/Dockerfile to a digest.

`python3 deploy/pin_images.py` asks the registries, through docker, what each tag means now, and
writes the digest behind it. Run it again to follow a tag to its newest image, and commit the
change. `--check` changes nothing and fails if an image has no digest: run it before a deployment.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FILES = ("docker-compose.yml", "deploy/Dockerfile")
# What is built here (`image: handrail`) has no tag.
IMAGE = re.compile(
    r"^(?P<before>FROM |\s+image: )(?P<tag>[\w./-]+:[\w.-]+)(?P<digest>@sha256:[0-9a-f]{64})?",
    re.MULTILINE,
)
DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


def unpinned(text: str) -> list[str]:
    """The images without a digest."""
    return [image["tag"] for image in IMAGE.finditer(text) if not image["digest"]]


def digest_of(tag: str) -> str:
    """The digest of the image for all platforms. SystemExit: docker cannot tell."""
    command = ["docker", "buildx", "imagetools", "inspect", tag, "--format", "{{.Manifest.Digest}}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0 or not DIGEST.fullmatch(done.stdout.strip()):
        sys.exit(f"{tag}: docker knows no digest. {done.stderr.strip()}")
    return done.stdout.strip()


def pinned(text: str) -> str:
    return IMAGE.sub(
        lambda image: f"{image['before']}{image['tag']}@{digest_of(image['tag'])}", text
    )


def main(arguments: list[str], root: Path = ROOT) -> int:
    texts = {root / name: (root / name).read_text(encoding="utf-8") for name in FILES}
    if arguments == ["--check"]:
        loose = [f"{path.name}: {tag}" for path, text in texts.items() for tag in unpinned(text)]
        print("\n".join([*loose, "Run deploy/pin_images.py."] if loose else ["All are pinned."]))
        return 1 if loose else 0
    for path, text in texts.items():
        path.write_text(pinned(text), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
