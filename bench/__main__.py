"""`python -m bench [NAME]`: every benchmark, or one, as one JSON object a line."""

import importlib
import json
import pkgutil
import sys

import bench


def main(only: str = "") -> int:
    """Benchmarks are the modules of this folder that have a `run`."""
    found = [module.name for module in pkgutil.iter_modules(bench.__path__)]
    wanted = [name for name in found if not name.startswith("_") and only in ("", name)]
    ran = 0
    for name in wanted:
        run = getattr(importlib.import_module(f"bench.{name}"), "run", None)
        if run is not None:
            figures = run()
            for figure in figures if isinstance(figures, list) else [figures]:
                print(json.dumps(figure), flush=True)
            ran += 1
    return 0 if ran else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]))
