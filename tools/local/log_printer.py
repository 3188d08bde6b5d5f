"""Prints the logs of all processes on one terminal, each line prefixed with its process."""

from datetime import datetime
from pathlib import Path

from honcho.colour import get_colours
from honcho.printer import Message, Printer


class LogPrinter:
    """Follows log files. Files instead of pipes: a process then never blocks on the terminal and
    survives its end."""

    def __init__(self, logs: dict[str, Path]) -> None:
        self._logs = logs
        self._offsets = dict.fromkeys(logs, 0)
        self._colours = dict(zip(logs, get_colours(), strict=False))
        self._printer = Printer(width=max(map(len, logs)))

    def print_new_lines(self) -> None:
        """Print the complete lines written since the last call."""
        for name, path in self._logs.items():
            for line in self._new_lines(name, path):
                now = datetime.now().astimezone()
                self._printer.write(Message("line", line + b"\n", now, name, self._colours[name]))

    def _new_lines(self, name: str, path: Path) -> list[bytes]:
        if not path.exists():
            return []
        with path.open("rb") as file:
            file.seek(self._offsets[name])
            complete, newline, _ = file.read().rpartition(b"\n")
        self._offsets[name] += len(complete + newline)
        return complete.splitlines()
