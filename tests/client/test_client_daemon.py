"""What would break: synchronous code that starts a daemon, steers it and lets it go."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading

import pytest

from meridian.client import (
    CommandInvalid,
    ConnectionFailed,
    NotAllowed,
    NotFound,
    Simulator,
    SimulatorError,
)

OPTIONS = ("--operator-token", "op", "--read-only-token", "ro")


@pytest.fixture(scope="module")
def guarded():
    """The URL of a daemon that asks for tokens."""
    from meridian.client.daemon import Daemon, daemon_command

    daemon = Daemon(daemon_command(None, False, OPTIONS))
    yield daemon.wait_ready(60)["api"]["url"]
    daemon.stop()


def test_a_daemon_lives_as_long_as_its_block():
    with Simulator.spawn() as simulator:
        connection = simulator.connection("TRADER")
        socket.create_connection((connection.host, connection.port)).close()
        assert simulator.orders() == []
    with pytest.raises(OSError, match="refused"):
        socket.create_connection((connection.host, connection.port))
    simulator.close()


def test_a_daemon_ends_with_the_process_that_spawned_it():
    code = (
        "from meridian.client import Simulator; import os; s = Simulator.spawn();"
        "print(s.connection('TRADER').port, flush=True); os._exit(1)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    port = int(done.stdout)
    while True:
        try:
            with socket.create_connection(("127.0.0.1", port)) as link:
                assert link.recv(1) == b"", "cut when the daemon ends"
        except ConnectionError:
            return


def test_a_daemon_that_cannot_start_says_why(tmp_path):
    (tmp_path / "v.toml").write_text("colour = 1\n")
    with pytest.raises(ConnectionFailed, match="colour: unknown key"):
        Simulator.spawn(tmp_path / "v.toml")


def test_a_script_runs_before_the_daemon_is_ready(tmp_path):
    (tmp_path / "v.toml").write_text(
        '[[instruments]]\nsymbol = "AAPL"\nreference_price = 150\n'
        '[[endpoints]]\nport = 0\nsessions = [{ comp_id = "ME" }]\n'
        '[[commands]]\ncommand = "set_mode"\nmode = "managed"\n'
        '[[commands]]\ncommand = "freeze_clock"\nat = 1800000000000000000\n'
    )
    with Simulator.spawn(tmp_path / "v.toml") as simulator:
        assert simulator.execute("get_instrument", symbol="AAPL")["mode"] == "managed"
        assert simulator.now() == 1_800_000_000_000_000_000


def test_errors_are_typed_and_telling(guarded):
    with Simulator.connect(guarded, "op") as simulator:
        with pytest.raises(NotFound, match="no session has the comp_id 'X'"):
            simulator.session("X")
        with pytest.raises(CommandInvalid, match="fly"):
            simulator.execute("fly")
        with pytest.raises(CommandInvalid, match="body is larger"):
            simulator.session("TRADER").send_raw("x" * 2_000_000)
    with pytest.raises(NotAllowed, match="expected Authorization"):
        Simulator.connect(guarded)
    with Simulator.connect(guarded, "ro") as reader:
        assert reader.messages() == []
        with pytest.raises(NotAllowed, match="read-only"):
            reader.reset()


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "ftp://127.0.0.1", "nonsense"])
def test_nobody_there_is_said_with_the_address(url):
    with pytest.raises(ConnectionFailed, match=url):
        Simulator.connect(url)


def test_a_stranger_that_is_no_daemon_is_recognised():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

        def answer() -> None:
            link, _ = server.accept()
            link.recv(4_096)
            link.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")
            link.close()

        thread = threading.Thread(target=answer)
        thread.start()
        with pytest.raises(SimulatorError, match="expected JSON, got status 200"):
            Simulator.connect(f"http://127.0.0.1:{port}")
        thread.join()


def test_the_command_line_steers_and_tells_by_its_exit_code(guarded):
    def meridian(*arguments: str):
        command = [sys.executable, "-m", "meridian", "venue", *arguments]
        asked = {"MERIDIAN_URL": guarded, "MERIDIAN_TOKEN": "op"}
        return subprocess.run(
            command, capture_output=True, text=True, check=False, env={**os.environ, **asked}
        )

    done = meridian("do", "set_mode", "mode=managed", "symbol=AAPL")
    assert (done.returncode, done.stdout) == (0, "kind: done\n")
    assert meridian("do", "get_order", "order_id=O1").returncode == 1
    assert meridian("do", "fly").returncode == 2
    assert meridian("do", "next_order", "timeout=0").returncode == 3
    unmet = meridian("expect", "D", "Side=BUY", "--timeout", "0")
    assert (unmet.returncode, unmet.stdout) == (3, "expected 35=D, but no message came at all\n")
    assert '"logged_on": false' in meridian("status", "--json").stdout
    assert meridian("log").returncode == 0
