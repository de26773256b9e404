"""Fields and messages as bytes: the pure twin of ``_encoder.pyx``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any, cast

from meridian.fix.checksum import byte_sum
from meridian.fix.data_fields import DATA_TAGS
from meridian.fix.timestamps import timestamp
from meridian.fix.wire_kinds import LENGTH_TAGS, Slot, Written, check_begin_string, check_slots
from meridian.schema.numbers import canonical

__all__ = [
    "Fields",
    "Template",
    "Value",
    "encode_fields",
    "frame",
    "text_of",
    "whole",
    "write",
]

Value = str | int | Decimal | bytes
Fields = Sequence[tuple[int, Value]]
"""Fields in the order they go on the wire: tag, value. Bytes are the value of a data field."""

_SOH = "\x01"
_PLAIN = frozenset({str, int})
_MEASURED = frozenset({*DATA_TAGS, *LENGTH_TAGS})


def encode_fields(fields: Fields) -> bytes:
    """``tag=value`` and SOH for each field.

    A data field may hold SOH. Its length goes before it: where the caller gives it, it is checked,
    and where the data is given as bytes it is written here.

    Raises:
        ValueError: a value is empty, not Latin-1, or holds SOH and is no data; a length is not
            that of the data behind it.
        TypeError: a value is not text, integer or Decimal, nor bytes for a data field.
    """
    types = {type(value) for _, value in fields}
    if types <= _PLAIN and _MEASURED.isdisjoint([tag for tag, _ in fields]):
        plain = cast("Sequence[tuple[int, str | int]]", fields)
        text = "".join([f"{tag}={value}\x01" for tag, value in plain])
        # As many SOH as fields, and nothing empty: no value needs a look of its own.
        if text.count(_SOH) == len(fields) and "=\x01" not in text:
            return text.encode("latin-1")
    return _encode_one_by_one(fields)


def _encode_one_by_one(fields: Fields) -> bytes:
    parts = []
    before, length = 0, ""
    for tag, value in fields:
        text = text_of(tag, value)
        may_hold_soh = False
        if tag in LENGTH_TAGS:
            if before == LENGTH_TAGS[tag]:
                if not length.isdigit() or int(length) != len(text):
                    raise ValueError(f"tag {before}: expected {len(text)}, got {length!r}")
                may_hold_soh = True
            elif isinstance(value, bytes):
                parts.append(f"{LENGTH_TAGS[tag]}={len(text)}\x01")
                may_hold_soh = True
        if not text or (_SOH in text and not may_hold_soh):
            raise ValueError(f"tag {tag}: a value cannot be empty or hold SOH, got {text!r}")
        before, length = tag, text
        parts.append(f"{tag}={text}\x01")
    return "".join(parts).encode("latin-1")


def frame(prefix: bytes, inner: bytes) -> bytes:
    """Complete a message: ``prefix`` is ``8=...|9=``, ``inner`` runs from 35= to the last SOH
    before CheckSum."""
    framed = b"%b%d\x01%b" % (prefix, len(inner), inner)
    return b"%b10=%03d\x01" % (framed, byte_sum(framed) & 0xFF)


def text_of(tag: int, value: object) -> str:
    """A value as text; raises where it is none."""
    if isinstance(value, str):
        return value
    if isinstance(value, Decimal):
        if not value.is_finite():
            raise ValueError(f"tag {tag}: expected a finite number, got {value}")
        return canonical(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(int(value))
    if isinstance(value, bytes) and tag in LENGTH_TAGS:
        return value.decode("latin-1")
    raise TypeError(f"tag {tag}: expected text, integer or Decimal, got {value!r}")


class Template:
    """A hot message, declared once: its header is prepared, its fields are written by kind.

    ``Template("FIX.4.4", "D", "US", "THEM", (11, "text"), (38, "integer"), (44, "scaled", 2))``
    takes rows of as many values; None leaves a field out. See ``wire_kinds.WRITTEN``.

    Raises:
        ValueError: a slot that cannot be written, a BeginString that is none, or a header value
            that is empty, not Latin-1 or holds SOH.
    """

    __slots__ = (
        "_after",
        "_format",
        "_formed",
        "_opening",
        "_plan",
        "_prefix",
        "_ready",
        "_stamped",
        "_types",
        "slots",
    )

    def __init__(
        self, begin_string: str, msg_type: str, sender: str, target: str, *slots: Slot
    ) -> None:
        self.slots = check_slots(slots)
        check_begin_string(begin_string)
        self._prefix = encode_fields([(8, begin_string)]) + b"9="
        self._opening = encode_fields([(35, msg_type)]) + b"34="
        self._ready = _SOH.encode() + encode_fields([(49, sender)]) + b"52="
        self._after = _SOH.encode() + encode_fields([(56, target)])
        self._stamped: tuple[int | None, bytes] = (None, b"")
        self._plan = [
            (tag, f"{LENGTH_TAGS[tag] if kind == 'data' else tag}=", _writer(kind, scale))
            for tag, kind, scale in self.slots
        ]
        # With every slot filled, all is one formatting. Data needs its length first.
        kinds = [kind for _, kind, _ in self.slots]
        self._types = None if "data" in kinds else tuple(_TYPES[kind] for kind in kinds)
        self._format = "".join(f"{name}%s\x01" for _, name, _ in self._plan)
        self._formed = [
            (place, tag, write)
            for place, (tag, _, write) in enumerate(self._plan)
            if kinds[place] not in ("text", "integer")
        ]

    def body(self, values: Sequence[object]) -> bytes:
        """The fields alone, as a session puts its own header before them.

        Raises:
            ValueError: a value is empty, not Latin-1, holds SOH, or is not of the slot's kind.
            TypeError: a value of another type than the slot's, or not as many as slots.
        """
        if tuple(map(type, values)) == self._types:
            ready: list[Any] = list(values)
            for place, tag, write in self._formed:
                ready[place] = write(tag, ready[place])
            text = self._format % tuple(ready)
            # As many SOH as fields, and nothing empty: no value needs a look of its own.
            if text.count(_SOH) == len(ready) and "=\x01" not in text:
                return text.encode("latin-1")
        if len(values) != len(self.slots):
            raise TypeError(f"expected {len(self.slots)} values, got {len(values)}")
        parts = [
            f"{name}{write(tag, value)}\x01"
            for (tag, name, write), value in zip(self._plan, values, strict=True)
            if value is not None
        ]
        return "".join(parts).encode("latin-1")

    def encode(self, seq_num: int, sending_time: int, values: Sequence[object]) -> bytes:
        """The whole message; ``sending_time`` is ns UTC. Raises as ``body`` does."""
        moment, middle = self._stamped
        if moment != sending_time:
            middle = self._ready + timestamp(sending_time).encode() + self._after
            self._stamped = (sending_time, middle)
        return frame(
            self._prefix, b"%b%d%b%b" % (self._opening, seq_num, middle, self.body(values))
        )


def _writer(kind: str, scale: int) -> Callable[[int, Any], str]:
    """What turns a value of a kind into text, and raises where it is none."""
    if kind == "scaled":
        unit = 10**scale
        return lambda tag, value: _scaled(whole(tag, value), scale, unit)
    return _WRITERS[kind]


def write(slot: Written, value: object) -> str:
    """A template's value as text; raises where it is none."""
    tag, kind, scale = slot
    return _writer(kind, scale)(tag, value)


def whole(tag: int, value: object) -> int:
    """An integer; raises where the value is none."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"tag {tag}: expected an integer, got {value!r}")
    return value


def _scaled(value: int, scale: int, unit: int) -> str:
    whole, fraction = divmod(abs(value), unit)
    sign = "-" if value < 0 else ""
    if not fraction:
        return f"{sign}{whole}"
    return f"{sign}{whole}.{fraction:0{scale}d}".rstrip("0")


def _write_text(tag: int, value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"tag {tag}: expected text, got {value!r}")
    if not value or _SOH in value:
        raise ValueError(f"tag {tag}: a value cannot be empty or hold SOH, got {value!r}")
    return value


def _write_decimal(tag: int, value: object) -> str:
    if not isinstance(value, Decimal):
        raise TypeError(f"tag {tag}: expected a Decimal, got {value!r}")
    return text_of(tag, value)


def _write_boolean(tag: int, value: object) -> str:
    if not isinstance(value, bool):
        raise TypeError(f"tag {tag}: expected True or False, got {value!r}")
    return "Y" if value else "N"


def _write_data(tag: int, value: object) -> str:
    if not isinstance(value, bytes):
        raise TypeError(f"tag {tag}: expected bytes, got {value!r}")
    if not value:
        raise ValueError(f"tag {tag}: a value cannot be empty or hold SOH, got {value!r}")
    return f"{len(value)}\x01{tag}={value.decode('latin-1')}"


_TYPES = {
    "text": str,
    "integer": int,
    "scaled": int,
    "decimal": Decimal,
    "timestamp": int,
    "boolean": bool,
}

_WRITERS: dict[str, Callable[[int, Any], str]] = {
    "text": _write_text,
    "integer": lambda tag, value: str(whole(tag, value)),
    "decimal": _write_decimal,
    "timestamp": lambda tag, value: timestamp(whole(tag, value)),
    "boolean": _write_boolean,
    "data": _write_data,
}
