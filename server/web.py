"""REST and sync, served by Granian: an ASGI application in front of Django's handler.

A request takes a thread only once it is complete, and gives it back before its answer is sent. So
clients that send or read slowly keep no thread from the others (docs/decisions/0014).
"""

from __future__ import annotations

from typing import Any

import structlog
from django.conf import settings

from foundation.headers import NO_STORE
from foundation.http import answer as answer_to
from foundation.problems import BodyLate, Internal, Malformed, Problem, TooLarge
from recovery.limits.network import networks_of
from server import reserve, wsgi
from server.lanes import Lane
from server.transfers import (
    Receive,
    Send,
    Transfers,
    discard_body,
    read_body,
    send_answer,
)

log = structlog.get_logger()
CLOSE = (b"connection", b"close")
# Per process: how many transfers, and how many bytes they hold.
reading = Transfers(1024, 32 * 2**20)
sending = Transfers(1024, 128 * 2**20)

requests = Lane("request", settings.WEB_THREADS, settings.WEB_QUEUE)
# What may take long, and what must not wait for it, have threads of their own.
lanes = {
    "/api/v1/blobs/pieces": Lane("piece", 4, 16),
    "/readyz": Lane("ready", 1, 8),
}
# So do signing in and asking for help, with connections that nothing else can take.
sign_in = Lane("sign-in", 2, settings.WEB_QUEUE, prepare=reserve.use)
urgent = Lane("urgent", 2, settings.WEB_QUEUE, prepare=reserve.use)
SIGN_IN = ("/auth/app/v1/", "/api/v1/sessions/refresh", "/api/v1/enrolment")
CHECK_IN, PUSH = "/api/v1/actions/practice.record_check_in", "/api/v1/sync/push"
# The lane that a push names. Quotes inside a text are escaped, and a text that is only this word
# does no harm.
NAMES_URGENT = b'"urgent"'
# Needs nothing that could make it wait, so it runs on the event loop itself.
ALIVE = "/healthz"


async def application(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    """The ASGI application."""
    network = _network(scope)
    try:
        answer = await _answer(scope, receive, network)
    except (TooLarge, BodyLate, Malformed) as problem:
        # What is left of the body would be taken for the next request.
        answer = _of(problem)
        answer.headers.append(CLOSE)
        await send_answer(answer, send, sending, network)
        if isinstance(problem, TooLarge):
            await discard_body(receive)
        return
    except Problem as problem:
        answer = _of(problem)
    except Exception:
        log.exception("request_failed", path=scope["path"])
        answer = _of(Internal())
    await send_answer(answer, send, sending, network)


async def _answer(scope: dict[str, Any], receive: Receive, network: str) -> wsgi.Answer:
    path, most_bytes = scope["path"], settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    body = await read_body(scope, receive, reading, most_bytes, network)
    environment = wsgi.environ(scope, body)
    if path == ALIVE:
        return wsgi.run(environment)
    return await lane_of(path, body).run(wsgi.run, environment, network=network)


def lane_of(path: str, body: bytes) -> Lane:
    """The threads that answer this request."""
    if path.startswith(SIGN_IN):
        return sign_in
    if path == CHECK_IN or (path == PUSH and NAMES_URGENT in body):
        return urgent
    return lanes.get(path, requests)


def _network(scope: dict[str, Any]) -> str:
    """The widest of the client's networks."""
    forwarded = b",".join(value for name, value in scope["headers"] if name == b"x-forwarded-for")
    peer = (scope.get("client") or ("",))[0]
    return networks_of(peer, forwarded.decode("latin-1"))[-1]


def _of(problem: Problem) -> wsgi.Answer:
    response = answer_to(problem)
    # Django's middleware, which does this for everything else, has not seen it.
    response["Cache-Control"], response["X-Content-Type-Options"] = NO_STORE, "nosniff"
    return wsgi.Answer(response.status_code, wsgi.encoded(response.items()), response.content)
