"""Failures as HTTP answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from meridian.management import Failure, FailureCode
from meridian.management.mistakes import mistakes_told

__all__ = ["DOCUMENTED", "STATUSES", "FailureError", "answer_failures", "failure_response"]

STATUSES = {
    FailureCode.INVALID: 422,
    FailureCode.NOT_FOUND: 404,
    FailureCode.CONFLICT: 409,
    FailureCode.REFUSED: 409,
    FailureCode.UNAUTHORIZED: 401,
    FailureCode.FORBIDDEN: 403,
    FailureCode.TIMEOUT: 408,
    FailureCode.TOO_LARGE: 413,
    FailureCode.INTERNAL: 500,
}
_CODES = {status: code for code, status in STATUSES.items()} | {
    400: FailureCode.INVALID,
    405: FailureCode.INVALID,
    409: FailureCode.CONFLICT,
}
_MEANINGS = {
    400: "The body is not JSON text.",
    401: "A token is asked for.",
    403: "The token lets nobody do this.",
    404: "There is no such thing.",
    405: "The path knows no such method.",
    408: "It took too long.",
    409: "The venue's rules or its state say no.",
    413: "The body is too large.",
    422: "It cannot be read, or says what cannot be.",
}
DOCUMENTED: dict[int | str, dict[str, Any]] = {
    status: {"model": Failure, "description": text} for status, text in _MEANINGS.items()
}
"""The answers that any route may give."""


class FailureError(Exception):
    """Carries a failure out of a route."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.text)
        self.failure = failure


def failure_response(
    failure: Failure, status: int | None = None, headers: Mapping[str, str] | None = None
) -> Response:
    """The answer for a failure."""
    if failure.code is FailureCode.UNAUTHORIZED:
        headers = {"WWW-Authenticate": "Bearer"}
    return JSONResponse(
        failure.model_dump(mode="json"), status or STATUSES[failure.code], headers=headers
    )


def answer_failures(app: FastAPI) -> None:
    """Let every failure of the application answer in the same shape."""

    @app.exception_handler(FailureError)
    async def _failed(_: Request, error: FailureError) -> Response:
        return failure_response(error.failure)

    @app.exception_handler(RequestValidationError)
    async def _unreadable(_: Request, error: RequestValidationError) -> Response:
        text = "; ".join(mistakes_told(error.errors()))
        return failure_response(Failure(code=FailureCode.INVALID, text=text))

    @app.exception_handler(HTTPException)
    async def _other(_: Request, error: HTTPException) -> Response:
        code = _CODES.get(error.status_code, FailureCode.INVALID)
        failure = Failure(code=code, text=str(error.detail))
        return failure_response(failure, error.status_code, error.headers)
