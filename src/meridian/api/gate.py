"""What every request passes before a route sees it: size, patience, and foreign pages."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import urlsplit

from meridian.api.access import LOCAL_NAMES, Tokens
from meridian.api.failures import failure_response
from meridian.management import Failure, FailureCode

__all__ = ["BODY_TIMEOUT", "MAX_BODY", "Gate"]

MAX_BODY = 1_048_576
"""Bytes of one request's body."""
BODY_TIMEOUT = 10.0
"""Seconds between two pieces of a request's body."""

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


class _TooLarge(Exception):
    """More body than anybody needs."""


class Gate:
    """ASGI middleware. While no token is asked for, only pages of this machine are answered.

    Otherwise a web page anywhere could steer the venue of whoever looks at it, by a name that
    resolves to 127.0.0.1, or over a WebSocket, which browsers open across origins.
    """

    def __init__(self, app: App, tokens: Tokens) -> None:
        self._app = app
        self._tokens = tokens

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan" or (self._tokens.open and self._foreign(scope)):
            await self._turn_away(scope, receive, send)
            return
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            body = await _whole_body(receive)
        except _TooLarge:
            text = f"the body is larger than {MAX_BODY} bytes"
            failure = Failure(code=FailureCode.TOO_LARGE, text=text)
        except TimeoutError:
            text = f"the body stopped coming for {BODY_TIMEOUT} s"
            failure = Failure(code=FailureCode.TIMEOUT, text=text)
        else:
            await self._app(scope, _given(body, receive), send)
            return
        await failure_response(failure)(scope, receive, send)

    async def _turn_away(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008})
        else:
            text = "expected a request to localhost by a page of localhost, or a token"
            failure = Failure(code=FailureCode.FORBIDDEN, text=text)
            await failure_response(failure)(scope, receive, send)

    def _foreign(self, scope: Scope) -> bool:
        for name, value in scope["headers"]:
            text = value.decode("latin-1")
            if name == b"host" and _host(f"//{text}") not in LOCAL_NAMES:
                return True
            if name == b"origin" and _host(text) not in LOCAL_NAMES:
                return True
        return False


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


async def _whole_body(receive: Receive) -> bytes:
    body = bytearray()
    while True:
        async with asyncio.timeout(BODY_TIMEOUT):
            message = await receive()
        body += message.get("body", b"")
        if len(body) > MAX_BODY:
            raise _TooLarge
        if not message.get("more_body", False):
            return bytes(body)


def _given(body: bytes, receive: Receive) -> Receive:
    """The body at once; after that, whether the client is still there."""
    read = False

    async def receiving() -> MutableMapping[str, Any]:
        nonlocal read
        if read:
            return await receive()
        read = True
        return {"type": "http.request", "body": body, "more_body": False}

    return receiving
