"""A FIX session at the venue, as a test steers it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

__all__ = ["Session"]

Execute = Callable[..., dict[str, Any]]


class Session:
    """A session by the client's CompID."""

    def __init__(self, execute: Execute, comp_id: str) -> None:
        self._execute = execute
        self.comp_id = comp_id

    def __repr__(self) -> str:
        return f"Session({self.comp_id!r})"

    @property
    def view(self) -> dict[str, Any]:
        """How it stands: state, numbers, address, faults."""
        return self._execute("get_session", comp_id=self.comp_id)

    @property
    def logged_on(self) -> bool:
        """Whether the client is logged on now."""
        return bool(self.view["logged_on"])

    def set_sequence(self, *, next_out: int | None = None, next_in: int | None = None) -> None:
        """Other numbers: of a client that is away, or by SequenceReset(4) the next one out."""
        fields = {"next_out": next_out, "next_in": next_in}
        given = {name: value for name, value in fields.items() if value is not None}
        self._execute("set_sequence", comp_id=self.comp_id, **given)

    def reset(self) -> None:
        """Both numbers from 1."""
        self._execute("reset_session", comp_id=self.comp_id)

    def send(self, msg_type: str, fields: Iterable[tuple[int, object]]) -> None:
        """Send an application message with a number of its own."""
        pairs = [[tag, str(value)] for tag, value in fields]
        self._execute("send_message", comp_id=self.comp_id, msg_type=msg_type, fields=pairs)

    def send_raw(self, data: str) -> None:
        """Write text as it is, ``|`` standing for SOH."""
        self._execute("send_raw", comp_id=self.comp_id, data=data)

    def logout(self, text: str = "") -> None:
        """Log the client out."""
        self._execute("logout_session", comp_id=self.comp_id, text=text)

    def disconnect(self) -> None:
        """Cut the connection without a word."""
        self._execute("disconnect_session", comp_id=self.comp_id)

    def arm(self, kind: str, **scope: Any) -> None:
        """Let the session misbehave from now on; see the faults page for kinds and scopes."""
        self._execute("arm_fault", comp_id=self.comp_id, fault={"kind": kind, **scope})

    def disarm(self, name: str | None = None) -> None:
        """Let it behave again, altogether where no fault is named."""
        named = {} if name is None else {"name": name}
        self._execute("disarm_fault", comp_id=self.comp_id, **named)

    def faults(self) -> list[dict[str, Any]]:
        """What is armed, and how often each struck."""
        return list(self._execute("list_faults", comp_id=self.comp_id)["items"])

    @contextmanager
    def fault(self, kind: str, **scope: Any) -> Iterator[None]:
        """Misbehave within a block."""
        self.arm(kind, **scope)
        try:
            yield
        finally:
            self.disarm(scope.get("name", kind))
