"""The application: routes, their documentation, and the state they share."""

from __future__ import annotations

from importlib import metadata

from fastapi import FastAPI
from fastapi.responses import Response

from meridian.api.access import Tokens
from meridian.api.asking import Asking
from meridian.api.control import control
from meridian.api.desk import Desk
from meridian.api.entities import entities
from meridian.api.failures import DOCUMENTED, answer_failures
from meridian.api.gate import App, Gate
from meridian.api.stream import stream
from meridian.management.fields import Model

__all__ = ["build_app", "build_routes"]

METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Health(Model):
    """The daemon is there; ``ready``: clients can connect and trade."""

    ready: bool


def build_app(desk: Desk, tokens: Tokens) -> App:
    """Everything a request meets, from the gate to the desk."""
    return Gate(build_routes(desk, tokens), tokens)


def build_routes(desk: Desk, tokens: Tokens) -> FastAPI:
    """The routes without the gate; its ``openapi()`` is the documentation."""
    app = FastAPI(
        title="Meridian venue",
        version=metadata.version("meridian-execution"),
        description="Steer an emulated venue: entities, orders, sessions, faults, time.",
        responses=DOCUMENTED,
        # A browser that looks at the documentation brings no token.
        openapi_url="/openapi.json" if tokens.open else None,
    )
    app.state.desk = desk
    app.state.tokens = tokens
    app.include_router(entities)
    app.include_router(control)
    app.include_router(stream)
    answer_failures(app)

    @app.get("/health", tags=["daemon"])
    async def health() -> Health:
        """Whether the daemon answers at all."""
        return Health(ready=desk.ready)

    @app.get("/ready", tags=["daemon"], responses={503: {"model": Health}})
    async def ready(response: Response) -> Health:
        """Whether clients can connect and trade; 503 while they cannot."""
        response.status_code = 200 if desk.ready else 503
        return Health(ready=desk.ready)

    @app.get(
        "/metrics",
        tags=["daemon"],
        response_class=Response,
        responses={200: {"content": {METRICS_TYPE: {"schema": {"type": "string"}}}}},
    )
    async def metrics(_: Asking) -> Response:
        """Counters and gauges for Prometheus."""
        return Response(desk.metrics(), media_type=METRICS_TYPE)

    return app
