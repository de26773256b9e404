"""What this installation can do, and how to get what it cannot."""

from __future__ import annotations

import importlib
import platform
import shutil
import sys
from dataclasses import dataclass
from importlib import metadata

from meridian import native

__all__ = ["DISTRIBUTION", "Finding", "examine"]

DISTRIBUTION = "meridian-execution"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report."""

    area: str
    name: str
    usable: bool
    detail: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class _Part:
    name: str
    module: str
    extra: str
    gives: str
    program: str = ""
    used: bool = True
    """False while Meridian itself has nothing that uses it."""


_PARTS = (
    _Part("uvloop", "uvloop", "speed", "a faster event loop"),
    _Part("NATS", "nats", "nats", "a bus across processes", "nats-server", False),
    _Part("PostgreSQL", "psycopg", "postgres", "journals in a server", "postgres", False),
    _Part("console", "nicegui", "console", "a web console", "", False),
)


def examine() -> list[Finding]:
    """Look at kernels, optional parts and name clashes; imports nothing that is not needed."""
    return [_python(), *_clashes(), *map(_kernel, native.KERNELS.items()), *map(_part, _PARTS)]


def _python() -> Finding:
    version = metadata.version(DISTRIBUTION)
    detail = f"{version} on {platform.python_implementation()} {platform.python_version()}"
    return Finding("meridian", DISTRIBUTION, True, f"{detail}, {sys.platform}")


def _clashes() -> list[Finding]:
    """Another distribution that installs a package named ``meridian`` would shadow this one."""
    owners = metadata.packages_distributions().get("meridian", [])
    return [
        Finding(
            "meridian",
            other,
            False,
            "also installs a package named meridian; one hides the other",
            f"pip uninstall {other}",
        )
        for other in sorted(set(owners) - {DISTRIBUTION})
    ]


def _kernel(kernel: tuple[str, str]) -> Finding:
    name, module = kernel
    if native.PURE:
        return Finding(
            "kernel", name, False, "pure Python: MERIDIAN_PURE is set", "unset MERIDIAN_PURE"
        )
    try:
        importlib.import_module(module)
    except ImportError as error:
        return Finding(
            "kernel",
            name,
            False,
            f"pure Python: {error}",
            "install a C compiler, then install again; in a checkout: make clean, then make doctor",
        )
    return Finding("kernel", name, True, "native")


def _part(part: _Part) -> Finding:
    remedy = f"pip install '{DISTRIBUTION}[{part.extra}]'"
    version = _version(part.module)
    if version is None:
        detail = f"not installed; gives {part.gives}"
        if not part.used:
            detail += ", which this version does not use yet"
        return Finding("optional", part.name, False, detail, remedy)
    detail = f"{part.module} {version}"
    try:
        importlib.import_module(part.module)
    except Exception as error:  # noqa: BLE001 - a broken package is a finding, not the end
        detail += f" cannot be imported: {error!r}"
        return Finding("optional", part.name, False, detail, remedy)
    if part.program:
        found = shutil.which(part.program)
        detail += f"; local server {'found' if found else 'not found'}: {part.program}"
    if not part.used:
        detail += "; this version of Meridian does not use it yet"
    return Finding("optional", part.name, part.used, detail)


def _version(module: str) -> str | None:
    """Version of the distribution that brings a module, None where none does."""
    owners = metadata.packages_distributions().get(module)
    return metadata.version(owners[0]) if owners else None
