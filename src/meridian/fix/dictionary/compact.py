"""Our compact dictionary files: one line a field, component or message, tab between columns.

A list of members is written ``11! 55 453( 448! 447 ) @Instrument!``: tags, ``!`` where required,
``(`` to ``)`` around what a group's entries hold, ``@`` before a component. ``+`` after a type
says that values beyond the listed ones are fit too.
"""

from __future__ import annotations

from meridian.fix.dictionary.model import DictionaryError, FieldDef
from meridian.fix.dictionary.outline import Heading, Item, Items, Outline

__all__ = ["FORMAT", "read_compact", "write_compact"]

FORMAT = "meridian-fix-dictionary 1"


def read_compact(text: str) -> Outline:
    """Read one of our own files, which are sound: the generator's tests see to that.

    Raises:
        DictionaryError: another format, or a format of another version.
    """
    lines = text.splitlines()
    mark, _, version = lines[0].partition("\t") if lines else ("", "", "")
    if mark != FORMAT:
        raise DictionaryError(f"line 1: expected {FORMAT!r}, got {mark[:40]!r}")
    outline = Outline(version)
    for line in lines[1:]:
        kind, *columns = line.split("\t")
        match kind:
            case "f":
                field = _field(columns)
                outline.fields[field.tag] = field
            case "c":
                outline.blocks[columns[0]] = _items(columns[1])
            case "m":
                msg_type, name, category, members = columns
                heading = Heading(msg_type, name, category == "admin")
                outline.messages[msg_type] = heading, _items(members)
            case "header":
                outline.header = _items(columns[0])
            case "trailer":
                outline.trailer = _items(columns[0])
            case _:
                raise DictionaryError(f"expected a field, component or message, got {line[:40]!r}")
    return outline


def write_compact(outline: Outline) -> str:
    """The file that ``read_compact`` reads back as the same outline."""
    lines = [f"{FORMAT}\t{outline.version}"]
    for field in outline.fields.values():
        kind = field.type + ("+" if field.open else "")
        values = [f"{value}={name}" for value, name in field.values.items()]
        lines.append("\t".join(["f", str(field.tag), field.name, kind, *values]))
    lines.append(f"header\t{_text(outline.header)}")
    lines.append(f"trailer\t{_text(outline.trailer)}")
    lines += [f"c\t{name}\t{_text(items)}" for name, items in outline.blocks.items()]
    for heading, items in outline.messages.values():
        category = "admin" if heading.admin else "app"
        lines.append(f"m\t{heading.msg_type}\t{heading.name}\t{category}\t{_text(items)}")
    return "\n".join(lines) + "\n"


def _field(columns: list[str]) -> FieldDef:
    tag, name, kind, *values = columns
    # A value may hold "=", a name never does.
    pairs = (value.rpartition("=") for value in values)
    return FieldDef(
        tag=int(tag),
        name=name,
        type=kind.removesuffix("+"),
        values={value: symbol for value, _, symbol in pairs},
        open=kind.endswith("+"),
    )


def _items(text: str) -> Items:
    stack: list[tuple[list[Item], int, bool]] = []
    items: list[Item] = []
    for token in text.split():
        if token == ")":
            outer, tag, required = stack.pop()
            outer.append(Item(required, tag, group=tuple(items)))
            items = outer
            continue
        opens = token.endswith("(")
        word = token.removesuffix("(")
        required = word.endswith("!")
        word = word.removesuffix("!")
        if opens:
            stack.append((items, int(word), required))
            items = []
        elif word.startswith("@"):
            items.append(Item(required, block=word[1:]))
        else:
            items.append(Item(required, int(word)))
    return tuple(items)


def _text(items: Items) -> str:
    words: list[str] = []
    for item in items:
        mark = "!" if item.required else ""
        if item.block:
            words.append(f"@{item.block}{mark}")
        elif item.group is None:
            words.append(f"{item.tag}{mark}")
        else:
            words += [f"{item.tag}{mark}(", _text(item.group), ")"]
    return " ".join(words)
