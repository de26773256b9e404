"""One venue, as a test steers it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from meridian.client.errors import ExpectationFailed, TimedOut
from meridian.client.order import Amount, Order
from meridian.client.session import Session
from meridian.client.transport import Transport

__all__ = ["Connection", "Venue"]

LOGGED = 50
"""Messages that an error about silence shows."""


@dataclass(frozen=True, slots=True)
class Connection:
    """What a client must be set up with."""

    host: str
    port: int
    protocol: str
    sender_comp_id: str
    target_comp_id: str


class Venue:
    """A venue by name; without one, the only one there is."""

    def __init__(self, transport: Transport, name: str | None = None) -> None:
        self._transport = transport
        self._name = name

    def execute(self, command: str, **fields: Any) -> dict[str, Any]:
        """Have any management command carried out; its reply as a table of JSON values.

        Raises:
            SimulatorError: nothing changed; the class says why.
        """
        tree: dict[str, Any] = {"command": command, **fields}
        if self._name is not None:
            tree.setdefault("venue", self._name)
        patience = max(float(fields.get(name, 0.0)) for name in ("timeout", "wait"))
        return self._transport.call(json.loads(json.dumps(tree, default=str)), patience)

    # What there is ---------------------------------------------------------------------------

    def connection(self, comp_id: str) -> Connection:
        """What the client of a session must be set up with."""
        view = self.execute("get_session", comp_id=comp_id)
        return Connection(
            host=view["host"],
            port=view["port"],
            protocol=view["protocol"],
            sender_comp_id=view["sender_comp_id"],
            target_comp_id=view["target_comp_id"],
        )

    def session(self, comp_id: str) -> Session:
        """A session, to steer."""
        self.execute("get_session", comp_id=comp_id)
        return Session(self.execute, comp_id)

    def create_instrument(
        self, symbol: str, *, reference_price: Amount = 100, **definition: Any
    ) -> dict[str, Any]:
        """An instrument and its book, as the configuration's ``[[instruments]]`` say it."""
        instrument = {"symbol": symbol, "reference_price": str(reference_price), **definition}
        return self.execute("create_instrument", instrument=instrument)

    def create_session(self, comp_id: str, **definition: Any) -> Session:
        """Let one more client in; ``endpoint=`` where there are several."""
        endpoint = definition.pop("endpoint", None)
        named = {} if endpoint is None else {"endpoint": endpoint}
        self.execute("create_session", session={"comp_id": comp_id, **definition}, **named)
        return Session(self.execute, comp_id)

    def create_bot(self, kind: str, symbol: str, **definition: Any) -> str:
        """Let a bot trade; its name."""
        bot = {"kind": kind, "symbol": symbol, **definition}
        name: str = self.execute("create_bot", bot=bot)["name"]
        return name

    # Orders ----------------------------------------------------------------------------------

    def hold(self, symbol: str | None = None) -> None:
        """Hold new orders until told what becomes of them; of one instrument or all."""
        self._set_mode("managed", symbol)

    def match(self, symbol: str | None = None) -> None:
        """Let the book match by itself again."""
        self._set_mode("matching", symbol)

    def set_phase(self, symbol: str, phase: str) -> None:
        """Move an instrument into a trading phase, such as ``halted``."""
        self.execute("set_phase", symbol=symbol, phase=phase)

    def next_order(
        self, timeout: float = 1.0, *, symbol: str | None = None, session: str | None = None
    ) -> Order:
        """The oldest order that this was not asked about before; waits for one.

        Raises:
            TimedOut: none came within ``timeout`` s; shows what did.
        """
        wanted = {"symbol": symbol, "session": session}
        given = {name: value for name, value in wanted.items() if value is not None}
        reply = self.execute("next_order", timeout=timeout, **given)
        if reply["order"] is None:
            raise TimedOut(f"no order came within {timeout} s; the messages were:\n{self.log()}")
        return Order(self.execute, reply["order"])

    def order(self, order_id: str) -> Order:
        """An order by OrderID(37)."""
        return Order(self.execute, self.execute("get_order", order_id=order_id))

    def orders(self, *, symbol: str | None = None, session: str | None = None) -> list[Order]:
        """Working orders, oldest first."""
        wanted = {"symbol": symbol, "session": session}
        given = {name: value for name, value in wanted.items() if value is not None}
        reply = self.execute("list_orders", limit=1_000, **given)
        return [Order(self.execute, view) for view in reply["items"]]

    def book(self, symbol: str, depth: int = 10) -> dict[str, Any]:
        """The displayed book by price level."""
        return self.execute("get_book", symbol=symbol, depth=depth)

    def bust(self, exec_id: str) -> None:
        """Take an execution back."""
        self.execute("bust_execution", exec_id=exec_id)

    def correct(self, exec_id: str, quantity: Amount, price: Amount) -> str:
        """Give an execution another quantity and price; the ExecID(17) that says so."""
        reply = self.execute(
            "correct_execution", exec_id=exec_id, quantity=str(quantity), price=str(price)
        )
        corrected: str = reply["exec_ids"][0]
        return corrected

    # What was said ---------------------------------------------------------------------------

    def expect(
        self,
        msg_type: str,
        *,
        timeout: float = 1.0,
        session: str | None = None,
        direction: str | None = None,
        after: int = 0,
        **fields: object,
    ) -> dict[str, Any]:
        """The first message of a type with these fields, by name: ``expect("D", Side="BUY")``.

        A value is the one on the wire, its name in the dictionary, or a number in any spelling.

        Args:
            direction: ``in`` or ``out`` of the venue; either by default.
            after: only messages with a higher ``seq``, as replies have it.

        Raises:
            ExpectationFailed: none came within ``timeout`` s; shows the closest.
        """
        wanted = {"session": session, "direction": direction}
        given = {name: value for name, value in wanted.items() if value is not None}
        reply = self.execute(
            "expect",
            msg_type=msg_type,
            fields={name: str(value) for name, value in fields.items()},
            timeout=timeout,
            after=after,
            **given,
        )
        if reply["message"] is None:
            raise ExpectationFailed(reply["closest"])
        message: dict[str, Any] = reply["message"]
        return message

    def messages(
        self, *, after: int = 0, session: str | None = None, msg_type: str | None = None
    ) -> list[dict[str, Any]]:
        """The journal: every message in and out, raw and decoded, oldest first."""
        wanted = {"session": session, "msg_type": msg_type}
        given = {name: value for name, value in wanted.items() if value is not None}
        found: list[dict[str, Any]] = []
        while True:
            page = self.execute("read_journal", after=after, limit=1_000, **given)
            found += page["items"]
            if not page["items"]:
                return found
            after = page["next"]

    def log(self) -> str:
        """The latest messages, decoded, one a line, for people."""
        return "\n".join(_lines(self.messages()[-LOGGED:]))

    def _set_mode(self, mode: str, symbol: str | None) -> None:
        named = {} if symbol is None else {"symbol": symbol}
        self.execute("set_mode", mode=mode, **named)


_ENVELOPE = frozenset({8, 9, 10, 35, 49, 52, 56})


def _lines(messages: Iterable[dict[str, Any]]) -> Iterable[str]:
    for message in messages:
        arrow = "->" if message["direction"] == "in" else "<-"
        fields = " ".join(
            f"{field['name'] or field['tag']}={field['meaning'] or field['value']}"
            for field in message["fields"]
            if field["tag"] not in _ENVELOPE
        )
        name = message["name"] or message["msg_type"] or "garbage"
        yield f"{message['seq']:>5} {message['session']} {arrow} {name} {fields or message['raw']}"
