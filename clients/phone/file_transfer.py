"""Uploads files piece by piece, resuming where it stopped, and fetches files."""

import hashlib
from datetime import datetime, timedelta
from typing import Any

from clients.phone.answers import Answers
from clients.phone.cache import Document
from clients.phone.errors import BrokenAnswer, Problem
from clients.phone.files import Outgoing
from clients.phone.outbox import Mutation
from clients.phone.session import Session

BLOBS, PIECES, READ = "/api/v1/blobs", "/api/v1/blobs/pieces", "/api/v1/blobs/read"
# Refusals after which the same bytes are not tried again; for a piece only 422 is one.
FINAL = (400, 404, 422)
UNKNOWN = (400, 404)
MAX_WAIT = 5.0  # seconds; a longer Retry-After must not block the rest of the sync
BROKEN = 20  # 500s for one file; after that the file is at fault, not the server
TRIES = 3  # uploads without progress; then something is wrong with this phone


class FileTransfer:
    def __init__(self, session: Session, answers: Answers) -> None:
        self.session = session
        self.answers = answers
        self.offset = 0  # bytes sent of the current file; the retry logic counts it as progress
        self._not_before: datetime | None = None

    async def send_next(self, lane: str) -> None:
        """Send the files of the lane's next mutation.

        If its files are refused for good, the mutation is set aside and the next one is tried.
        If the server asks for a long wait, the files stay unsent until a later sync.
        """
        if self._not_before and self.session.wire.now() < self._not_before:
            return
        try:
            for mutation in self.answers.outbox.pending(lane):
                if await self._send_all(mutation):
                    return
        except Problem as problem:
            wait = problem.retry_after or 0
            if not problem.is_passing or wait <= MAX_WAIT:
                raise
            self._not_before = self.session.wire.now() + timedelta(seconds=wait)

    async def fetch(self, shown_by: Document, sha256: str) -> bytes:
        """Return the file from this phone or from the server, after checking its hash."""
        local = self.answers.files.find(shown_by, sha256)
        if local is not None:
            return local
        reply = await self.session.exchange(READ, {"scope": shown_by.scope, "sha256": sha256})
        [attachment] = [a for a in shown_by["attachments"] if a["sha256"] == sha256]
        if hashlib.sha256(reply.content).hexdigest() != attachment["content_sha256"]:
            raise BrokenAnswer("A file differs from the hash in its document.")
        with self.answers.store.transaction():
            # The document may have been retracted while its file was on the way.
            current = self.answers.cache.find(shown_by.scope, shown_by.kind, shown_by.id)
            attachments = current.body.get("attachments", []) if current else []
            if any(each["sha256"] == sha256 for each in attachments):
                self.answers.files.put(shown_by, sha256, reply.content)
        return reply.content

    async def _send_all(self, mutation: Mutation) -> bool:
        """Returns False if the mutation was set aside."""
        for file in self.answers.files.unsent(mutation.uuid):
            try:
                await self._send(file)
            except Problem as problem:
                if not self._is_final(problem, mutation, file):
                    raise
                self.answers.set_aside(mutation.uuid, problem.code, self.session.wire.now())
                return False
            with self.answers.store.transaction():
                self.answers.files.mark_sent(mutation.uuid, file)
        return True

    def _is_final(self, problem: Problem, mutation: Mutation, file: Outgoing) -> bool:
        if problem.status != 500:
            return problem.status in FINAL
        # A file on which the server fails again and again would block the lane forever.
        with self.answers.store.transaction():
            return self.answers.files.count_failure(mutation.uuid, file) >= BROKEN

    async def _send(self, file: Outgoing) -> None:
        # Every answer, including the first, has the server's offset.
        state, setbacks = await self._declare(file), 0
        while not state["complete"]:
            self.offset = state["offset"]
            state = {**state, **await self._send_piece(file, state)}
            setbacks += state["offset"] <= self.offset
            if setbacks == TRIES:
                raise BrokenAnswer("The upload makes no progress.")

    async def _declare(self, file: Outgoing) -> dict[str, Any]:
        declaration = {"scope": file.scope, "sha256": file.sha256, "size": len(file.data)}
        return await self.session.call(BLOBS, declaration)

    async def _send_piece(self, file: Outgoing, state: dict[str, Any]) -> dict[str, Any]:
        offset = state["offset"]
        headers = {"Upload-Id": state["upload"], "Upload-Offset": str(offset)}
        headers["Content-Type"] = "application/octet-stream"
        piece = file.data[offset : offset + state["piece_bytes"]]
        try:
            return await self.session.call(PIECES, piece, **headers)
        except Problem as problem:
            if problem.code == "offset_mismatch":
                return {"offset": problem.body["offset"]}
            if problem.status not in UNKNOWN:
                raise
        # The upload is unknown: it may have expired. Only declaring it again shows whether the
        # scope still accepts it.
        return await self._declare(file)
