"""Hypothesis plays the dice of whole sessions and shrinks what it finds; see ``make fuzz``."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from random import Random

import fuzz_run
import pytest
from fuzz_life import INPUTS, Life
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.randoms(use_true_random=False))
def test_no_dialogue_raises_hangs_or_makes_us_speak_nonsense(dice):
    Life(dice).live()


@pytest.mark.parametrize("seed", range(0, 200, 20))
def test_seeded_lives_end_well(seed):
    for each in range(seed, seed + 20):
        assert Life(Random(each)).live() == INPUTS


def test_the_same_seed_gives_the_same_life():
    def life():
        one = Life(Random(5))
        said = []
        one._check_spoken = said.append
        one.live()
        return said

    assert life() == life()


def test_a_failing_life_is_kept_and_named_by_its_seed(monkeypatch, tmp_path, capsys):
    class Broken(Life):
        def live(self):
            raise ZeroDivisionError("found")

    monkeypatch.setattr(fuzz_run, "Life", Broken)
    monkeypatch.setattr(fuzz_run, "FAILURES", tmp_path / "failures")
    monkeypatch.setattr(sys, "argv", ["fuzz_run.py", "100", "7"])
    assert fuzz_run.main() == 1
    kept = (tmp_path / "failures" / "life-7.txt").read_text()
    assert "fuzz_run.py --life 7" in kept
    assert "ZeroDivisionError: found" in kept
    assert "10 failed" in capsys.readouterr().out


def test_the_fuzzer_runs_from_the_command_line():
    program = Path(fuzz_run.__file__)
    done = subprocess.run(
        [sys.executable, program, "200", "1"], capture_output=True, text=True, check=True
    )
    assert "200 inputs" in done.stdout
    assert "0 failed" in done.stdout
