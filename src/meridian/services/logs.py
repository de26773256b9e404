"""Structured logs of the services: JSON lines on standard error."""

from __future__ import annotations

import logging
import sys
from typing import Any, TextIO

import structlog

__all__ = ["Silent", "configure_logs", "logger"]


def configure_logs(level: str = "INFO", file: TextIO | None = None) -> None:
    """Send every service's log lines to ``file``, by default standard error, as JSON."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level)),
        logger_factory=structlog.WriteLoggerFactory(file=file or sys.stderr),
    )


def logger(name: str) -> Any:
    """A logger bound to the service's name."""
    return structlog.get_logger().bind(logger=name)


class Silent:
    """A logger that says nothing: an embedded venue must not write between its owner's lines."""

    def info(self, event: str, **data: Any) -> None:
        """Nothing."""

    def warning(self, event: str, **data: Any) -> None:
        """Nothing."""

    def error(self, event: str, **data: Any) -> None:
        """Nothing."""
