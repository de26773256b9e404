"""``python -m benches [NAME ...]``: run the named benches, or all."""

from __future__ import annotations

import sys
from importlib import import_module

BENCHES = ("fix", "fix_session", "fix_stores", "book", "venue", "venue_core", "venue_start")


def main() -> None:
    """Run each bench's ``main``; it prints its own table."""
    for name in sys.argv[1:] or BENCHES:
        if name not in BENCHES:
            sys.exit(f"no bench {name!r}, expected one of {', '.join(BENCHES)}")
        import_module(f"benches.{name}").main()


main()
