"""How a route asks the desk: who asks, may they, and what if it fails."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any, TypeVar, cast

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel

from meridian.api.access import Role, Tokens
from meridian.api.desk import Desk
from meridian.api.failures import FailureError
from meridian.management import Failure, FailureCode, ManagementCommand, read_command
from meridian.management.commands import MAX_WAIT

__all__ = ["REQUEST_TIMEOUT", "Asker", "Asking"]

REQUEST_TIMEOUT = MAX_WAIT + 10.0
"""Seconds that one command may take, its own waiting included."""

View = TypeVar("View", bound=BaseModel)
_BEARER = HTTPBearer(auto_error=False, description="An operator's or a read-only token.")


class Asker:
    """Somebody who was let in, and the desk."""

    def __init__(self, desk: Desk, role: Role) -> None:
        self._desk = desk
        self._role = role

    async def ask(self, kind: type[ManagementCommand], view: type[View], **fields: Any) -> View:
        """Have a command carried out that is made of a request's parts; ``view`` is its reply.

        Raises:
            FailureError: it cannot be read, is not allowed, or changed nothing.
        """
        word = kind.model_fields["command"].default
        command = read_command({"command": word, **fields})
        if isinstance(command, list):
            raise FailureError(Failure(code=FailureCode.INVALID, text="; ".join(command)))
        return cast(View, await self.execute(command))

    async def execute(self, command: ManagementCommand) -> BaseModel:
        """Have a command carried out.

        Raises:
            FailureError: it is not allowed, took too long, or changed nothing.
        """
        if self._role is not Role.OPERATOR and not command.READS:
            text = "the token is read-only, expected an operator's"
            raise FailureError(Failure(code=FailureCode.FORBIDDEN, text=text))
        try:
            async with asyncio.timeout(REQUEST_TIMEOUT):
                reply = await self._desk.execute(command)
        except TimeoutError:
            text = f"the command took over {REQUEST_TIMEOUT} s"
            raise FailureError(Failure(code=FailureCode.TIMEOUT, text=text)) from None
        if isinstance(reply, Failure):
            raise FailureError(reply)
        return reply


def _asker(
    request: Request,
    _: Annotated[HTTPAuthorizationCredentials | None, Depends(_BEARER)],
) -> Asker:
    """Let somebody in by the token of the request."""
    state = request.app.state
    tokens: Tokens = state.tokens
    role = tokens.role(request.headers.get("authorization", ""))
    if role is None:
        text = "expected Authorization: Bearer and a token of this daemon"
        raise FailureError(Failure(code=FailureCode.UNAUTHORIZED, text=text))
    return Asker(state.desk, role)


Asking = Annotated[Asker, Depends(_asker)]
"""A route's parameter: whoever asks."""
