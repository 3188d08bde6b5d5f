"""Plain words: refuse the turns of phrase and the variable names that this tree does without.

`python -m tools.checks.words [PATH ...]` prints `path:line: word` and ends with 1 where it found
one. ARCHITECTURE.md's glossary has the project's own terms; everything else is idiomatic English.
"""

from __future__ import annotations

import ast
import io
import re
import subprocess
import sys
import tokenize
from collections.abc import Iterator
from pathlib import Path

PHRASES = ("whoever", "whomever", "anew", "told", "so many", "somebody", "themself")
PHRASE = re.compile(rf"(?<![a-z])({'|'.join(PHRASES)})(?![a-z])", re.IGNORECASE)
# A variable is a noun: payload, client_time, address.
PARTICIPLES = {"told", "said", "wanted", "asked", "found", "given", "meant", "heard", "begun"}
TEXTS = {".md", ".sql", ".ts", ".tsx", ".yml", ".yaml", ".html", ".toml", ".sh"}
# What a test compares byte for byte, what people say in their own words, and this list.
EXCEPT = ("docs/vectors/", "tests/golden/", "content/", "tools/checks/words.py", "LICENSE")


def main(paths: list[str]) -> int:
    problems = [problem for path in _files(paths) for problem in _problems(Path(path))]
    print(*problems, sep="\n", end="\n" if problems else "")
    return 1 if problems else 0


def _files(paths: list[str]) -> list[str]:
    tracked = subprocess.check_output(["git", "ls-files", "--", *paths], text=True)
    return [path for path in tracked.splitlines() if not path.startswith(EXCEPT)]


def _problems(path: Path) -> Iterator[str]:
    if path.suffix == ".py":
        text = path.read_text(encoding="utf-8")
        for line, word in sorted({*_phrases_of(text), *_participles(ast.parse(text))}):
            yield f"{path}:{line}: {word}"
    elif path.suffix in TEXTS or path.name == "Makefile":
        for line, sentence in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            for word in PHRASE.findall(sentence):
                yield f"{path}:{line}: {word.lower()}"


def _phrases_of(text: str) -> Iterator[tuple[int, str]]:
    """In names (`what_is_told`), strings and comments. A string may be longer than its line."""
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type in (tokenize.NAME, tokenize.COMMENT, tokenize.STRING):
            for match in PHRASE.finditer(token.string):
                yield token.start[0] + token.string[: match.start()].count("\n"), match[0].lower()


def _participles(tree: ast.AST) -> Iterator[tuple[int, str]]:
    fields = set(_fields(tree))
    for node in ast.walk(tree):
        if node in fields:
            continue
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            name = node.id
        elif isinstance(node, ast.arg):
            name = node.arg
        else:
            continue
        if name in PARTICIPLES:
            yield node.lineno, f"the variable {name}"


def _fields(tree: ast.AST) -> Iterator[ast.AST]:
    """The names of a model's fields and of an action's input: they are the database and the API."""
    for node in ast.walk(tree):
        match node:
            case ast.ClassDef(body=body):
                assignments = [each for each in body if isinstance(each, ast.Assign)]
                yield from (target for each in assignments for target in each.targets)
            case ast.FunctionDef(decorator_list=[ast.Call(func=ast.Name(id="action"))]):
                yield from node.args.kwonlyargs


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
