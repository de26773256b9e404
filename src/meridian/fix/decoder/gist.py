"""A message in one line, as a trader would say it."""

from __future__ import annotations

from meridian.fix.decoder.records import Decoded

__all__ = ["gist"]

_STATES = (150, 39)
_RATHER_NOT = frozenset({8, 9, 10, 34, 35, 43, 49, 50, 52, 56, 57, 60, 97, 115, 116, 122, 128, 129})
_MOST = 6
_REFERENCES = ((11, "id "), (41, "was "), (37, "order "), (198, "secondary "))
_QUANTITIES = ((32, 31, "last"), (14, 6, "done"))


def gist(message: Decoded) -> str:
    """Side, size, symbol and price of an order or execution; else the first fields of the body."""
    words: list[str] = []
    fields = {field.tag: field for field in reversed(message.fields)}

    def told(tag: int) -> str:
        field = fields.get(tag)
        return "" if field is None else field.meaning or field.value

    def value(tag: int) -> str:
        field = fields.get(tag)
        return "" if field is None else field.value

    if 54 not in fields and 11 not in fields:
        plain = [f for f in message.fields if f.section == "body" and f.tag not in _RATHER_NOT]
        return "  ".join(f"{f.name or f.tag}={f.meaning or f.value}" for f in plain[:_MOST])
    states = [told(tag) for tag in _STATES if told(tag)]
    words += states[:1] if len(set(states)) == 1 else [" ".join(states)] if states else []
    size = " ".join(word for word in (told(54), value(38), value(55)) if word)
    price = f"@ {value(44)}" if value(44) else f"stop {value(99)}" if value(99) else ""
    words.append(" ".join(word for word in (size, price, told(40), told(59)) if word))
    for quantity, at, name in _QUANTITIES:
        if value(quantity).strip("0."):
            words.append(f"{name} {value(quantity)}" + (f" @ {value(at)}" if value(at) else ""))
    words.append(" ".join(f"{name}{value(tag)}" for tag, name in _REFERENCES if value(tag)))
    words += [f"“{value(58)}”"] if value(58) else []
    return "  ".join(word for word in words if word)
