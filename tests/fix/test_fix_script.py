"""The player of published dialogues notices whatever differs from the line it expects."""

from __future__ import annotations

import asyncio

import pytest
from fix_stage import FastLoop, Stage, play_over_tcp

LOGON = "8=FIX.4.4|{length}35=A|34=1|49=ISLD|52=00000000-00:00:00.000|56=TW44|98=0|108=30|10=0|"
SCRIPT = """iCONNECT
I8=FIX.4.4|35=A|34=1|49=TW44|52=<TIME>|56=ISLD|98=0|108=30|
E{logon}
I8=FIX.4.4|35=1|34=2|49=TW44|52=<TIME>|56=ISLD|112=hello|
{answer}
I8=FIX.4.4|35=5|34=3|49=TW44|52=<TIME>|56=ISLD|
{end}
"""
LENGTH = "9=63|"
ANSWER = "E8=FIX.4.4|9=61|35=0|34=2|49=ISLD|52=00000000-00:00:00.000|56=TW44|112=hello|10=0|"
END = """E8=FIX.4.4|9=51|35=5|34=3|49=ISLD|52=00000000-00:00:00.000|56=TW44|10=0|
eDISCONNECT"""


def script(folder, answer=ANSWER, length=LENGTH, end=END):
    path = folder / "play.def"
    text = SCRIPT.format(logon=LOGON.format(length=length), answer=answer, end=end)
    path.write_bytes(text.replace("|", "\x01").encode())
    return path


def play_in_memory(path):
    Stage().play(path)


def play_tcp(path):
    with asyncio.Runner(loop_factory=FastLoop) as runner:
        runner.run(play_over_tcp(path, runner.get_loop()))


both = pytest.mark.parametrize("play", [play_in_memory, play_tcp])


@both
def test_what_is_said_as_expected_passes(tmp_path, play):
    play(script(tmp_path))


@both
@pytest.mark.parametrize(
    "wrong",
    [
        {"answer": ANSWER.replace("hello", "hullo")},
        {"answer": ANSWER.replace("9=61", "9=62")},
        {"answer": ANSWER.replace("9=61|", "").replace("hello", "helloo")},
        {"answer": ANSWER.replace("34=2|49=ISLD", "49=ISLD|34=2")},
        {"answer": ANSWER.replace("112=hello|", "")},
        {"answer": ANSWER.replace("112=hello|", "112=hello|58=x|")},
        {"answer": ANSWER.replace("35=0", "35=1")},
        {"answer": "# nothing is expected"},
        {"length": "9=64|"},
        {"end": "eDISCONNECT"},
        {"end": END.replace("eDISCONNECT", "E8=FIX.4.4|35=5|10=0|")},
    ],
)
def test_what_is_said_otherwise_fails(tmp_path, play, wrong):
    with pytest.raises(AssertionError):
        play(script(tmp_path, **wrong))


def test_what_is_said_after_the_last_line_fails(tmp_path):
    with pytest.raises(AssertionError, match="35=5"):
        play_in_memory(script(tmp_path, end="# nothing more is expected"))
