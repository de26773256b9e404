"""What would break: a demonstration that claims more than happened."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from collections import Counter
from decimal import Decimal

import pytest
from rich.console import Console

from meridian.cli.demo.ledger import Check, Execution
from meridian.cli.demo.view import Board, BookView

MERIDIAN = [sys.executable, "-m", "meridian"]


def demo(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*MERIDIAN, "demo", "--plain", "--seconds", "3", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def totals(output: str) -> list[str]:
    """The last line of the ledger's table: count for quantity, three times."""
    (line,) = [line for line in output.splitlines() if "│ total" in line]
    return re.findall(r"\d+ for \d+", line)


def test_the_three_ledgers_are_equal(tmp_path):
    result = demo("--state", str(tmp_path / "state"))
    assert result.returncode == 0, result.stdout + result.stderr
    venue, bus, kernel = totals(result.stdout)
    assert venue == bus == kernel
    assert not venue.startswith("0 ")
    assert "the three ledgers are equal" in result.stdout
    assert "session RECONNECTING" in result.stdout, "the link was cut"
    assert result.stdout.count("session CONNECTED") == 2
    again = demo("--state", str(tmp_path / "state"))
    assert again.returncode == 1
    assert "holds an earlier demo; name an empty folder" in again.stderr


def test_orders_trade_against_a_recorded_market(shared):
    recording = shared / "data/itch/nasdaq-20200130-aapl-10k.itch"
    result = demo("--itch", str(recording), "--itch-rate", "2500")
    assert result.returncode == 0, result.stdout + result.stderr
    told = "replayed 10000 messages, unknown order references 0, book crossed: no"
    assert told in result.stdout
    assert re.search(r"traded against:.* ITCH [1-9]", result.stdout.replace("\n", " "))


def test_a_recording_that_is_none_is_named(tmp_path):
    absent = demo("--itch", str(tmp_path / "absent.itch"))
    assert absent.returncode == 2
    # A long path is broken over the lines of a frame.
    assert "absent.itch" in re.sub(r"[\s│]", "", absent.stderr)
    wrong = tmp_path / "wrong.itch"
    wrong.write_bytes(b"\x00\x05hello")
    result = demo("--itch", str(wrong))
    assert result.returncode == 1
    assert "the venue did not start" in result.stderr
    assert "wrong.itch" in result.stderr
    assert "Traceback" not in result.stderr


def test_kept_running_it_says_how_to_connect_and_ends_on_ctrl_c():
    with subprocess.Popen(
        [*MERIDIAN, "demo", "--plain", "--seconds", "2", "--keep"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        lines = []
        for line in process.stdout:
            lines.append(line)
            if "journals and logs in" in line:
                break
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=30)
    assert process.returncode == 0, errors
    assert "Traceback" not in errors
    said = "".join(lines)
    assert re.search(r"FIX\.4\.4 at 127\.0\.0\.1 port \d+", said)
    assert "SenderCompID VIEWER, TargetCompID MERIDIAN" in said


class TestLedger:
    ONE = Execution("T1", "AAPL", Decimal(10), Decimal("1.5"))
    TWO = Execution("T2", "AAPL", Decimal(10), Decimal("1.5"))

    def test_the_same_executions_in_any_order_are_equal(self):
        sides = [Counter([self.ONE, self.TWO]), Counter([self.TWO, self.ONE])]
        assert Check(sides[0], sides[1], sides[0]).holds

    @pytest.mark.parametrize(
        ("bus", "said"),
        [
            ([ONE], "missing on the bus: .*T2"),
            ([ONE, TWO, TWO], "only on the bus: .*T2"),
        ],
    )
    def test_one_missing_or_one_twice_is_found_and_named(self, bus, said):
        both = Counter([self.ONE, self.TWO])
        check = Check(both, Counter(bus), both)
        assert not check.holds
        (line,) = check.differences()
        assert re.match(said, line)


@pytest.mark.parametrize("size", [(80, 24), (160, 50)])
def test_the_view_fits_the_terminal(size):
    width, height = size
    console = Console(width=width, height=height, record=True)
    board = Board("title", duration=10)
    for symbol in ("AAPL", "EURUSD", "MSFT"):
        levels = [(Decimal("1.25"), Decimal(100))] * 5
        board.books[symbol] = BookView(list(levels), list(levels), Decimal("1.25"))
    for number in range(300):
        board.tell(f"event {number}")
    with console.capture() as captured:
        console.print(board.render(height))
    shown = captured.get()
    assert len(shown.rstrip("\n").splitlines()) == height
    assert "event 299" in shown
    assert all(symbol in shown for symbol in board.books)
    assert len(board.events) == 200
