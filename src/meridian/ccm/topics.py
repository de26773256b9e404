"""Names on the bus. A token never carries a separator or a wildcard."""

from __future__ import annotations

__all__ = [
    "decode_token",
    "encode_token",
    "fill_executed",
    "fill_topics",
    "order_report",
    "order_routed",
    "session_status",
]

_RESERVED = frozenset(".*>%")
_EVENT_NAMES = frozenset(("executed", "corrected", "busted"))


def encode_token(text: str) -> str:
    """One topic token for any text: ``BRK.B`` becomes ``BRK%2EB``, ``AAPL`` stays.

    Raises:
        ValueError: the text is empty.
    """
    if not text:
        raise ValueError("a topic token cannot be empty")
    return "".join(
        _escape(char) if char in _RESERVED or char.isspace() or not char.isprintable() else char
        for char in text
    )


def decode_token(token: str) -> str:
    """The text :func:`encode_token` was given.

    Raises:
        ValueError: a ``%`` not followed by two hexadecimal digits, or bytes that are not UTF-8.
    """
    head, *rest = token.split("%")
    raw = bytearray(head.encode())
    for part in rest:
        try:
            raw.append(int(part[:2], 16))
        except ValueError:
            raise ValueError(f"expected %XX in topic token {token!r}") from None
        raw += part[2:].encode()
    return raw.decode()


def _escape(char: str) -> str:
    return "".join(f"%{byte:02X}" for byte in char.encode())


def _base(instance_id: str) -> str:
    return f"platform.ccm.{encode_token(instance_id)}"


def fill_executed(instance_id: str) -> str:
    """Topic of every fill of one instance."""
    return f"{_base(instance_id)}.fill.executed"


def fill_topics(instance_id: str, security_id: str | None) -> tuple[str, ...]:
    """Both names of one fill, the primary first; one name where the security is unknown."""
    primary = fill_executed(instance_id)
    if not security_id:
        return (primary,)
    token = encode_token(security_id)
    # A security called "executed" must not pass for the event of that name.
    if token in _EVENT_NAMES:
        token = _escape(token[0]) + token[1:]
    return (primary, f"{_base(instance_id)}.fill.{token}")


def session_status(instance_id: str) -> str:
    """Topic of session status changes."""
    return f"{_base(instance_id)}.session.status"


def order_routed(instance_id: str) -> str:
    """Topic of orders the venue acknowledged."""
    return f"{_base(instance_id)}.order.child.routed"


def order_report(instance_id: str) -> str:
    """Topic of what the venue says of orders; payload ``OrderReport``."""
    return f"{_base(instance_id)}.order.report"
