"""What would break: the fixtures of whoever installs Meridian."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import threading

from meridian.testing import LocalSimulator

PASSING = """
import socket

def test_one(venue):
    connection = venue.connection("TRADER")
    socket.create_connection((connection.host, connection.port)).close()
    venue.hold()

def test_two(venue):
    assert venue.execute("get_instrument", symbol="AAPL")["mode"] == "matching"

def test_daemon_one(venue_daemon):
    venue_daemon.hold()

def test_daemon_two(venue_daemon):
    assert venue_daemon.execute("get_instrument", symbol="AAPL")["mode"] == "matching"
"""
FAILING = """
def test_fails(venue):
    venue.session("TRADER").set_sequence(next_in=5)
    assert venue.next_order(timeout=0)

def test_expects(venue):
    venue.expect("D", timeout=0)
"""
SCRIPTED = """
def test_it(venue):
    assert venue.session("ONLY").comp_id == "ONLY"
"""
SCRIPT = """
[[instruments]]
symbol = "AAPL"
reference_price = 150
[[endpoints]]
port = 0
sessions = [{ comp_id = "ONLY" }]
"""


def run(folder, text: str):
    (folder / "test_it.py").write_text(text)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_it.py"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_each_test_has_a_fresh_venue(tmp_path):
    done = run(tmp_path, PASSING)
    assert done.returncode == 0, done.stdout
    assert "4 passed" in done.stdout


def test_a_failure_carries_the_messages(tmp_path):
    done = run(tmp_path, FAILING)
    assert done.returncode == 1
    assert "messages of the venue" in done.stdout
    assert "no message came at all" in done.stdout


def test_a_project_may_have_a_venue_of_its_own(tmp_path):
    (tmp_path / "venue.toml").write_text(SCRIPT)
    (tmp_path / "pytest.ini").write_text("[pytest]\nmeridian_venue = venue.toml\n")
    done = run(tmp_path, SCRIPTED)
    assert done.returncode == 0, done.stdout


def test_the_plugin_costs_a_project_nothing_until_it_is_used():
    code = (
        "import sys, meridian.testing.plugin;"
        "print([m for m in sys.modules if m.startswith(('meridian.venue', 'pydantic', 'fastapi'))])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_a_thousand_venues_leave_nothing_behind():
    def cycle() -> None:
        with LocalSimulator.start() as simulator:
            simulator.hold()

    for _ in range(20):
        cycle()
    gc.collect()
    threads, files, objects = threading.active_count(), open_files(), len(gc.get_objects())
    for _ in range(1_000):
        cycle()
    gc.collect()
    assert threading.active_count() == threads
    assert open_files() == files
    assert len(gc.get_objects()) - objects < 1_000, "fewer than one object a venue"


def open_files() -> int:
    folder = "/proc/self/fd"
    return len(os.listdir(folder)) if os.path.isdir(folder) else 0
