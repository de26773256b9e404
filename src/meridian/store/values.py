"""Values as JSON and back: dataclasses, named tuples, enums and Decimals of classes one names."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields, is_dataclass
from decimal import Decimal
from enum import Enum
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

__all__ = ["Values"]

Reader = Callable[[Any], Any]


class Values:
    """Writes and reads values of ``kinds`` and what their fields hold.

    Where ``pool`` holds the values of ``shared``, those are written as references to it; what is
    not in it is written in full. A dataclass is written as ``{name: [fields]}``, a named tuple and
    every other sequence as a list, an enum by its value. Fields that a dataclass computes itself
    are not written.
    """

    def __init__(self, kinds: Iterable[type], shared: Iterable[type] = ()) -> None:
        self._kinds: Mapping[str, type] = {kind.__name__: kind for kind in kinds}
        self._shared = frozenset(shared)
        self.pool: list[Any] = []
        """Values of the types ``shared`` that others refer to by their place, ``{"@": place}``."""
        self._places: dict[int, int] = {}
        self._readers: dict[Any, Reader] = {}
        self._names: dict[type, tuple[str, ...]] = {}

    def share(self, pool: Iterable[Any]) -> None:
        """Refer to these from now on, in writing and in reading."""
        self.pool = list(pool)
        self._places = {id(value): place for place, value in enumerate(self.pool)}

    def dumps(self, value: Any) -> str:
        """JSON on one line.

        Raises:
            TypeError: there is something in it that cannot be written.
        """
        return json.dumps(value, default=self._spelt, separators=(",", ":"))

    def read(self, tree: Any, hint: Any) -> Any:
        """The value of decoded JSON, which is to be of the type ``hint``.

        Raises:
            ValueError: it is not; says what was expected.
        """
        try:
            return self._reader(hint)(tree)
        except (TypeError, KeyError, IndexError, AttributeError, ArithmeticError) as error:
            raise ValueError(f"expected {hint}, got {tree!r:.200}: {error!r}") from error

    def _spelt(self, value: Any) -> Any:
        if isinstance(value, Decimal):
            return str(value)
        if isinstance(value, frozenset):
            return sorted(value)
        kind = type(value)
        if kind in self._shared and id(value) in self._places:
            return {"@": self._places[id(value)]}
        if not is_dataclass(kind):
            raise TypeError(f"cannot keep {value!r}")
        names = self._names.get(kind)
        if names is None:
            names = self._names[kind] = tuple(f.name for f in fields(kind) if f.init)
        return {kind.__name__: [getattr(value, name) for name in names]}

    def _reader(self, hint: Any) -> Reader:
        reader = self._readers.get(hint)
        if reader is None:
            reader = self._readers[hint] = self._make(hint)
        return reader

    def _make(self, hint: Any) -> Reader:
        origin, args = get_origin(hint), get_args(hint)
        if origin in (Union, UnionType):
            return self._union(args)
        if origin in (tuple, frozenset, list):
            return self._sequence(origin, args)
        if isinstance(hint, type) and issubclass(hint, Enum | Decimal):
            return hint
        if hint in (int, str, bool, type(None)):
            return _exactly(hint)
        if isinstance(hint, type) and is_dataclass(hint):
            return self._tagged
        if isinstance(hint, type) and issubclass(hint, tuple):
            return self._named_tuple(hint)
        raise ValueError(f"cannot read {hint}")

    def _union(self, args: tuple[Any, ...]) -> Reader:
        """Of None and one other thing, or of dataclasses, which say what they are."""
        others = [arg for arg in args if arg is not type(None)]
        readers = [self._reader(arg) for arg in others]
        if len(readers) > 1 and not all(map(is_dataclass, others)):
            raise ValueError(f"cannot tell {args} apart")
        read = readers[0]
        if len(others) == len(args):
            return read
        return lambda tree: None if tree is None else read(tree)

    def _sequence(self, origin: Any, args: tuple[Any, ...]) -> Reader:
        if origin is tuple and args[-1] is not Ellipsis:
            readers = [self._reader(arg) for arg in args]
            return lambda tree: tuple(
                reader(each) for reader, each in zip(readers, tree, strict=True)
            )
        item = self._reader(args[0])
        return lambda tree: origin(map(item, tree))

    def _named_tuple(self, kind: Any) -> Reader:
        hints = get_type_hints(kind)
        readers = [self._reader(hints[name]) for name in kind._fields]
        return lambda tree: kind(
            *(reader(each) for reader, each in zip(readers, tree, strict=True))
        )

    def _tagged(self, tree: Any) -> Any:
        ((name, values),) = tree.items()
        if name == "@":
            return self.pool[values]
        return self._reader_of(name)(values)

    def _reader_of(self, name: str) -> Reader:
        reader = self._readers.get(name)
        if reader is None:
            kind = self._kinds[name]
            hints = get_type_hints(kind)
            parts = {f.name: self._reader(hints[f.name]) for f in fields(kind) if f.init}

            def reader(values: Any) -> Any:
                pairs = zip(parts.items(), values, strict=True)
                return kind(**{field: read(each) for (field, read), each in pairs})

            self._readers[name] = reader
        return reader


def _exactly(kind: type) -> Reader:
    def read(tree: Any) -> Any:
        if type(tree) is not kind:
            raise ValueError(f"expected {kind.__name__}, got {tree!r:.200}")
        return tree

    return read
