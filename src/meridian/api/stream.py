"""Events over a WebSocket, as they happen, with heartbeats in between."""

from __future__ import annotations

from typing import cast

from fastapi import APIRouter, WebSocket, WebSocketDisconnect

from meridian.api.access import Tokens
from meridian.api.desk import Desk
from meridian.management.commands import ReadEvents
from meridian.management.replies import Events

__all__ = ["HEARTBEAT", "stream"]

HEARTBEAT = 5.0
"""Seconds of silence after which a heartbeat is sent."""
POLICY_VIOLATION = 1008

stream = APIRouter()


@stream.websocket("/v1/stream")
async def events(socket: WebSocket, after: int = 0, token: str = "") -> None:
    """A JSON text a page of events, as ``GET /v1/events`` gives them; empty ones are heartbeats.

    The token comes in the Authorization header, or for browsers, which cannot set it, as
    ``token``.
    """
    tokens: Tokens = socket.app.state.tokens
    desk: Desk = socket.app.state.desk
    authorization = socket.headers.get("authorization") or f"Bearer {token}"
    if tokens.role(authorization) is None or after < 0:
        await socket.close(POLICY_VIOLATION)
        return
    await socket.accept()
    try:
        while True:
            page = cast(Events, await desk.execute(ReadEvents(after=after, wait=HEARTBEAT)))
            after = page.next
            await socket.send_text(page.model_dump_json())
    except WebSocketDisconnect:
        return
