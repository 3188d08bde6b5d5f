"""Sending and fetching files: piece by piece, going on where it stopped."""

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
# Refusals after which the same bytes need not be tried again; of a piece only 422 is one.
NEVER = (400, 404, 422)
UNKNOWN = (400, 404)
PATIENCE = 5.0  # seconds; what asks for more must not keep the rest of the phone waiting
BROKEN = 20  # answers "broken" over one file; then it is the file, not the hour
TRIES = 3  # of bytes that arrive as others; then there is something wrong with this phone


class Attaching:
    def __init__(self, session: Session, answers: Answers) -> None:
        self.session = session
        self.answers = answers
        self.offset = 0  # how far the file has come that is being sent
        self._not_before: datetime | None = None

    async def send_next(self, lane: str) -> None:
        """Send the files of the mutation that comes next. One whose files are refused for good
        goes to the "not sent" box, and its successor is next. What the server has no room or
        time for stays unsent, and a later sync asks again."""
        if self._not_before and self.session.wire.now() < self._not_before:
            return
        try:
            await self._send_next(lane)
        except Problem as problem:
            wait = problem.retry_after or 0
            if not problem.is_passing or wait <= PATIENCE:
                raise
            self._not_before = self.session.wire.now() + timedelta(seconds=wait)

    async def _send_next(self, lane: str) -> None:
        for mutation in self.answers.outbox.pending(lane):
            if await self._send_all(mutation):
                return

    async def fetch(self, shown_by: Document, sha256: str) -> bytes:
        """From this phone, or from the server, once it is what the document says."""
        here = self.answers.files.find(shown_by, sha256)
        if here is not None:
            return here
        reply = await self.session.exchange(READ, {"scope": shown_by.scope, "sha256": sha256})
        [told] = [a for a in shown_by["attachments"] if a["sha256"] == sha256]
        if hashlib.sha256(reply.content).hexdigest() != told["content_sha256"]:
            raise BrokenAnswer("A file is not what its document says.")
        with self.answers.store.transaction():
            if self._still_shows(shown_by, sha256):
                self.answers.files.put(shown_by, sha256, reply.content)
        return reply.content

    def _still_shows(self, document: Document, sha256: str) -> bool:
        """It may have been taken back while its file was on the way."""
        now = self.answers.cache.find(document.scope, document.kind, document.id)
        shown = now.body.get("attachments", []) if now else []
        return any(each["sha256"] == sha256 for each in shown)

    async def _send_all(self, mutation: Mutation) -> bool:
        """False if it was set aside."""
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
        """Also a server that breaks over the same file again and again."""
        if problem.status != 500:
            return problem.status in NEVER
        with self.answers.store.transaction():
            return self.answers.files.count_failure(mutation.uuid, file) >= BROKEN

    async def _send(self, file: Outgoing) -> None:
        """Every request, the first included, tells where the server stands."""
        told, setbacks = await self._declare(file), 0
        while not told["complete"]:
            self.offset = told["offset"]
            told = {**told, **await self._send_piece(file, told)}
            setbacks += told["offset"] <= self.offset
            if setbacks == TRIES:
                raise BrokenAnswer("The file does not arrive as it is.")

    async def _declare(self, file: Outgoing) -> dict[str, Any]:
        about = {"scope": file.scope, "sha256": file.sha256, "size": len(file.data)}
        return await self.session.call(BLOBS, about)

    async def _send_piece(self, file: Outgoing, told: dict[str, Any]) -> dict[str, Any]:
        offset = told["offset"]
        where = {"Upload-Id": told["upload"], "Upload-Offset": str(offset)}
        where["Content-Type"] = "application/octet-stream"
        piece = file.data[offset : offset + told["piece_bytes"]]
        try:
            return await self.session.call(PIECES, piece, **where)
        except Problem as problem:
            if problem.code == "offset_mismatch":
                return {"offset": problem.body["offset"]}
            if problem.status not in UNKNOWN:
                raise
        # The upload is gone, perhaps with the hour; only this answer tells whether the scope is.
        return await self._declare(file)
