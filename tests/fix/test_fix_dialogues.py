"""The published acceptance dialogues of every version that is there, played to the letter."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest
from fix_stage import FastLoop, Stage, play_over_tcp

SHARED = Path(os.environ.get("MERIDIAN_SHARED", Path(__file__).resolve().parents[3] / "shared"))
SCRIPTS = sorted(SHARED.glob("data/quickfix-at/fix*/*.def"))
AT_A_TIME = 16

needs_scripts = pytest.mark.skipif(not SCRIPTS, reason=f"no dialogues under {SHARED}")


@needs_scripts
@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_the_acceptor_keeps_to_the_dialogue(script):
    Stage().play(script)


@needs_scripts
def test_the_acceptor_keeps_to_every_dialogue_over_tcp():
    async def play_all():
        loop = asyncio.get_running_loop()
        turns = asyncio.Semaphore(AT_A_TIME)

        async def play(script):
            async with turns:
                await play_over_tcp(script, loop)

        # The longest first: those with heartbeats to wait for.
        scripts = sorted(SCRIPTS, key=lambda path: not path.name.startswith(("4a", "6_")))
        results = await asyncio.gather(*map(play, scripts), return_exceptions=True)
        told = zip(scripts, results, strict=True)
        return [f"{path.name}: {result!r}" for path, result in told if result is not None]

    with asyncio.Runner(loop_factory=FastLoop) as runner:
        assert runner.run(play_all()) == []
