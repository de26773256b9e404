"""The emulated venue as one state machine: ``Venue.apply(command, now) -> list[Event]``.

May import: book, fix, nasdaq, schema. No clock, dice or I/O: time is pushed in, dice are injected.
"""
