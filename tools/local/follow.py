"""What the processes write, on one terminal, each line under its process's name."""

from datetime import datetime
from pathlib import Path

from honcho.colour import get_colours
from honcho.printer import Message, Printer


class Followed:
    """Log files that grow. Read from files and not pipes, so that a process never waits for,
    nor dies with, the terminal."""

    def __init__(self, logs: dict[str, Path]) -> None:
        self._logs = logs
        self._read = dict.fromkeys(logs, 0)
        self._colours = dict(zip(logs, get_colours(), strict=False))
        self._printer = Printer(width=max(map(len, logs)))

    def print_news(self) -> None:
        """Print the whole lines written since the last call."""
        for name, path in self._logs.items():
            for line in self._news(name, path):
                self._print(name, line)

    def _news(self, name: str, path: Path) -> list[bytes]:
        if not path.exists():
            return []
        with path.open("rb") as file:
            file.seek(self._read[name])
            whole, newline, _ = file.read().rpartition(b"\n")
        self._read[name] += len(whole + newline)
        return whole.splitlines()

    def _print(self, name: str, line: bytes) -> None:
        now = datetime.now().astimezone()
        self._printer.write(Message("line", line + b"\n", now, name, self._colours[name]))
