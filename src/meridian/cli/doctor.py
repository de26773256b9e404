"""``meridian doctor``."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console

from meridian.services.doctor import examine

__all__ = ["doctor"]


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of lines.")] = False,
) -> None:
    """Say which kernels are native, which optional parts are usable, and how to get them.

    Exits 1 only where something is broken, not where something optional is absent.
    """
    findings = examine()
    if as_json:
        print(json.dumps([asdict(finding) for finding in findings], indent=2))
    else:
        console = Console(soft_wrap=True, highlight=False, markup=False)
        width = max(len(finding.name) for finding in findings)
        for finding in findings:
            console.print("yes " if finding.usable else "no  ", end="")
            console.print(f"{finding.name:<{width}}  {finding.detail}")
            if finding.remedy:
                console.print(" " * (width + 6) + finding.remedy, style="dim")
    broken = any(not f.usable and f.area == "meridian" for f in findings)
    raise typer.Exit(1 if broken else 0)
