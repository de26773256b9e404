"""Play random operations on every book and compare them after each: ``make soak N=200000``.

Usage: soak.py OPERATIONS [SEED]. Prints the seed and, where books differ, the shortest play that
shows it and what differs; exit code 1 then.
"""

from __future__ import annotations

import sys
from random import Random

from book_makers import makers
from random_play import Play, Player, Style

LENGTH = 400
"""Operations with one set of rules."""
REPORT_EVERY = 20_000


def play_once(seed, length, books_by_name):
    """One play; the difference that ended it, or empty."""
    dice = Random(seed)
    style = dice.choice([*Style, Style.EVERYTHING, Style.EVERYTHING])
    rules = style.rules(dice)
    play = Play(rules, seed, style is Style.EVERYTHING and dice.randrange(2) == 0)
    player = Player(dice, rules, style)
    table = play.table(books_by_name)
    for _ in range(length):
        call = player.call(table.reference)
        play.calls.append(call)
        if table.differs(call):
            return play
    return None


def soak(operations, seed):
    """Exit code: 0 where all books agreed at each step."""
    books_by_name = makers()
    print(f"soak: {operations} operations, seed {seed}, books: {', '.join(books_by_name)}")
    done, episode = 0, 0
    while done < operations:
        length = min(LENGTH, operations - done)
        found = play_once(seed * 1_000_000 + episode, length, books_by_name)
        if found:
            return report(found, books_by_name, seed, done + len(found.calls))
        if (done + length) // REPORT_EVERY > done // REPORT_EVERY:
            print(f"soak: {done + length} operations, all books equal", flush=True)
        done += length
        episode += 1
    print(f"soak: {done} operations with seed {seed}: all books equal after each")
    return 0


def report(play, books_by_name, seed, done):
    """Say what differs first, as briefly as it can be shown."""
    print(f"soak: seed {seed}: books differ at operation {done} (play {play.seed})")
    shortest = play.shortest(books_by_name)
    print(shortest)
    print(shortest.first_difference(books_by_name)[1])
    return 1


if __name__ == "__main__":
    numbers = [int(argument) for argument in sys.argv[1:]]
    sys.exit(soak(numbers[0], numbers[1] if len(numbers) > 1 else 1))
