"""Our own dialogues, for what the published ones leave out: see ``dialogues/``."""

from __future__ import annotations

from pathlib import Path

import pytest
from fix_play import Player, read_plays

PLAYS = read_plays(Path(__file__).parent / "dialogues")


@pytest.mark.parametrize("play", PLAYS, ids=lambda play: f"{play.name}-{play.version}")
def test_the_session_keeps_to_our_dialogue(play):
    Player(play).play(play.lines)
