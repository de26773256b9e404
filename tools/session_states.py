"""Draws the states of a FIX session into docs/protocols/fix-session.md, from their table.

python tools/session_states.py
"""

from __future__ import annotations

from pathlib import Path

from meridian.fix.states import TRANSITIONS, State, Trigger

PAGE = Path(__file__).resolve().parent.parent / "docs/protocols/fix-session.md"
BEGIN = "<!-- states: written by tools/session_states.py -->\n"
END = "<!-- end of states -->\n"


def diagram() -> str:
    """The transition table as a mermaid diagram and, for the triggers, as a list."""
    lines = ["```mermaid", "stateDiagram-v2", f"    [*] --> {_id(State.DISCONNECTED)}"]
    lines += [f'    state "{state.value}" as {_id(state)}' for state in State]
    for (state, trigger), after in TRANSITIONS.items():
        lines.append(f"    {_id(state)} --> {_id(after)}: {trigger.name.lower()}")
    lines += ["```", ""]
    lines += [f"- **{trigger.name.lower()}**: {trigger.value}" for trigger in Trigger]
    return "\n".join(lines) + "\n"


def drawn(page: str) -> str:
    """The page with the diagram of today.

    Raises:
        ValueError: the page has no place for it.
    """
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{PAGE.name}: expected {BEGIN.strip()} and {END.strip()}")
    return f"{before}{begin}\n{diagram()}\n{end}{after}"


def _id(state: State) -> str:
    return state.name.lower()


if __name__ == "__main__":
    PAGE.write_text(drawn(PAGE.read_text()))
