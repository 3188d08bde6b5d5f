"""Where the id of a document comes from. A phone makes some ids itself, so that it can show a row
before the server has it, and so that two phones that say the same thing write the same row."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass
from typing import Any

PLACE = re.compile(r"\{(scope|user|document\.(\w+))\}")


@dataclass(frozen=True)
class IdRule:
    """`made_by`: phone or server. `namespace` and `name`, if the id is a UUIDv5, are templates:
    `{scope}` is the id in the name of the document's scope, `{user}` the id of the person who acts,
    `{document.x}` a field of the document."""

    made_by: str
    rule: str
    namespace: str = ""
    name: str = ""

    def expected(self, scope: uuid.UUID, document: dict[str, Any]) -> uuid.UUID | None:
        """The id of this document, or None if the document does not say it."""
        if not self.namespace or "{user}" in self.namespace + self.name:
            return None
        namespace = uuid.UUID(_filled(self.namespace, scope, document))
        return (
            uuid.uuid5(namespace, _filled(self.name, scope, document)) if self.name else namespace
        )


def _filled(template: str, scope: uuid.UUID, document: dict[str, Any]) -> str:
    def value(match: re.Match[str]) -> str:
        return str(document[match[2]]) if match[2] else str(scope)

    return PLACE.sub(value, template)


BY_PHONE = IdRule("phone", "A UUIDv7 that the phone makes, the `id` of the action.")
BY_SERVER = IdRule("server", "Made by the server. Treat it as opaque.")
OF_SCOPE = IdRule("server", "The id in the name of the scope: there is one in each.", "{scope}")


def derived(namespace: str, name: str, *, made_by: str = "server") -> IdRule:
    """A UUIDv5, which every phone of the person can compute. See IdRule."""
    rule = f"The UUIDv5 of `{name}` in the namespace `{namespace}`."
    return IdRule(made_by, rule, namespace, name)
