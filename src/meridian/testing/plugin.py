"""The pytest plugin: a venue for each test, in this process or as a daemon.

Named in the ``pytest11`` entry point, so that installing Meridian is enough. It imports nothing of
Meridian until a test asks for a venue.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from meridian.client import Simulator

__all__ = ["venue", "venue_daemon"]

_SIMULATORS: pytest.StashKey[list[Simulator]] = pytest.StashKey()
_DAEMON: pytest.StashKey[Simulator] = pytest.StashKey()


def pytest_addoption(parser: pytest.Parser) -> None:
    """What a project may set."""
    parser.addini("meridian_venue", "TOML script of the venue that tests get.", default="")


@pytest.fixture
def venue(request: pytest.FixtureRequest) -> Iterator[Simulator]:
    """A venue of its own for a test, in this process, on a free port."""
    from meridian.testing.local import LocalSimulator

    with LocalSimulator.start(_script(request.config)) as simulator:
        request.node.stash[_SIMULATORS] = [simulator]
        yield simulator


@pytest.fixture
def venue_daemon(request: pytest.FixtureRequest) -> Simulator:
    """A venue in a process of its own, one for all tests and reset before each."""
    from meridian.client import Simulator

    session = request.session
    if _DAEMON not in session.stash:
        config = request.config
        path = _path(config)
        session.stash[_DAEMON] = Simulator.spawn(path)
        config.add_cleanup(session.stash[_DAEMON].close)
    simulator = session.stash[_DAEMON]
    simulator.reset("all")
    request.node.stash[_SIMULATORS] = [simulator]
    return simulator


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A failed test carries what was said on the wire."""
    report = yield
    if report.when == "call" and report.failed:
        for simulator in item.stash.get(_SIMULATORS, []):
            report.sections.append(("messages of the venue", _log(simulator)))
    return report


def _log(simulator: Simulator) -> str:
    from meridian.client import SimulatorError

    try:
        return simulator.log() or "none"
    except SimulatorError as error:
        return f"cannot be told: {error}"


def _path(config: pytest.Config) -> str | None:
    name = config.getini("meridian_venue")
    return str(config.rootpath / name) if name else None


def _script(config: pytest.Config) -> Any:
    path = _path(config)
    if path is None:
        return None
    from pathlib import Path

    from meridian.management import parse_script

    return parse_script(Path(path).read_text(encoding="utf-8"), path)
