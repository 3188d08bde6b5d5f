"""How the app shows pending actions before the server has confirmed them."""

from typing import Any

from clients.phone.overlay import Projection


def _in_record(kind: str) -> Projection:
    """A document in the user's own care record."""

    def project(args: dict[str, Any]) -> tuple[str, str, str, dict[str, Any]]:
        rest = {name: value for name, value in args.items() if name not in ("id", "record")}
        return f"care:{args['record']}", kind, args["id"], rest

    return project


OVERLAYS: dict[str, Projection] = {
    "practice.record_check_in": _in_record("check_in"),
    "practice.record_attempt": _in_record("attempt"),
}
