"""Any sequence of commands over all features: every book says and is the same after each step.

Compared are the events, the state's hash, what is displayed, the phase and the indication; each
book's own invariants hold. ``make soak`` plays the same moves for longer.
"""

from __future__ import annotations

from dataclasses import replace

from book_makers import makers
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule
from random_play import Play, Player, Style

from meridian.book.rules import Phase

DICE = st.randoms(use_true_random=False)


class BookMachine(RuleBasedStateMachine):
    """Books of every implementation under rules that are drawn, played move by move."""

    @initialize(dice=DICE, seed=st.integers(0, 9), level_events=st.booleans())
    def any_book(self, dice, seed, level_events):
        rules = replace(Style.EVERYTHING.rules(dice), phase=Phase.CONTINUOUS)
        self.start(Play(rules, seed, level_events), Style.EVERYTHING)

    def start(self, play, style):
        self.table = play.table(makers())
        self.player = Player(None, play.rules, style)

    def play(self, dice, move):
        self.player.dice = dice
        call = getattr(self.player, move)(self.table.reference)
        difference = self.table.differs(call)
        assert not difference, difference

    @rule(dice=DICE)
    def limit(self, dice):
        self.play(dice, "hot_limit")

    @rule(dice=DICE)
    def market(self, dice):
        self.play(dice, "hot_market")

    @rule(dice=DICE)
    def submit(self, dice):
        self.play(dice, "submit")

    @rule(dice=DICE)
    def submit_once_more(self, dice):
        """Twice as often as the others: here are the features."""
        self.play(dice, "submit")

    @rule(dice=DICE)
    def cancel(self, dice):
        self.play(dice, "cancel")

    @rule(dice=DICE)
    def reduce(self, dice):
        self.play(dice, "reduce")

    @rule(dice=DICE)
    def replace(self, dice):
        self.play(dice, "replace")

    @rule(dice=DICE)
    def batch(self, dice):
        self.play(dice, "batch")

    @rule(dice=DICE)
    def after_the_trade(self, dice):
        self.play(dice, "after_the_trade")

    @rule(dice=DICE)
    def keep(self, dice):
        self.play(dice, "keep")


class PhasedMachine(BookMachine):
    """The same with time and phases."""

    @initialize(dice=DICE, seed=st.integers(0, 9), level_events=st.booleans())
    def any_book(self, dice, seed, level_events):
        self.start(Play(Style.EVERYTHING.rules(dice), seed, level_events), Style.EVERYTHING)

    @rule(dice=DICE)
    def advance(self, dice):
        self.play(dice, "advance")

    @rule(dice=DICE)
    def set_phase(self, dice):
        self.play(dice, "set_phase")

    @rule(dice=DICE)
    def mass_cancel(self, dice):
        self.play(dice, "mass_cancel")


class PlainMachine(BookMachine):
    """Rules and orders with which the ladder acts alone, and what may wait beside it."""

    @initialize(dice=DICE, seed=st.integers(0, 9), style=st.sampled_from([*Style][1:]))
    def any_book(self, dice, seed, style):
        self.start(Play(style.rules(dice), seed, level_events=False), style)

    @rule(dice=DICE)
    def advance(self, dice):
        self.play(dice, "advance")


BookMachine.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
PhasedMachine.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
PlainMachine.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)

TestContinuous = BookMachine.TestCase
TestPhased = PhasedMachine.TestCase
TestPlain = PlainMachine.TestCase
