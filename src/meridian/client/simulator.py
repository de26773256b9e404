"""The daemon: connect to one that runs, or spawn one of your own."""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from meridian.client.transport import Transport
from meridian.client.venue import Venue

__all__ = ["Simulator"]

if TYPE_CHECKING:
    from pathlib import Path

    from meridian.client.daemon import Daemon

# What only some need (HTTP, processes) is imported where it is used: a test suite that embeds its
# venue pays for neither.


class Simulator(Venue):
    """A daemon, and of its venues the only one; ``venue(name)`` where there are several.

    Synchronous and safe to use from several threads. ``close`` it, or use it in a ``with`` block.
    """

    def __init__(self, transport: Transport, process: Daemon | None = None) -> None:
        super().__init__(transport)
        self._process = process

    @classmethod
    def connect(
        cls, url: str = "http://127.0.0.1:8400", token: str | None = None, timeout: float = 10.0
    ) -> Self:
        """Steer a daemon that runs.

        Raises:
            ConnectionFailed: nobody answers there.
            NotAllowed: it asks for another token.
        """
        from meridian.client.http_transport import HttpTransport

        simulator = cls(HttpTransport(url, token, timeout))
        try:
            simulator.execute("get_clock")
        except BaseException:
            simulator.close()
            raise
        return simulator

    @classmethod
    def spawn(
        cls,
        config: str | Path | None = None,
        *,
        bots: bool = False,
        arguments: Sequence[str] = (),
        timeout: float = 20.0,
    ) -> Self:
        """Start a daemon of your own on free ports; it ends with ``close``, or with this process.

        Args:
            config: a TOML file; without one, three instruments and two sessions.
            bots: without ``config``, whether bots trade there as well.
            arguments: more of ``meridian venue run``.
            timeout: seconds until it must be ready.

        Raises:
            ConnectionFailed: it did not start; says what it said.
        """
        from meridian.client.daemon import Daemon, daemon_command
        from meridian.client.http_transport import HttpTransport

        daemon = Daemon(daemon_command(config, bots, arguments))
        try:
            ready = daemon.wait_ready(timeout)
            return cls(HttpTransport(ready["api"]["url"]), daemon)
        except BaseException:
            daemon.stop()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the daemon; one that was spawned ends. Safe to call more than once."""
        self._transport.close()
        if self._process is not None:
            self._process.stop()
            self._process = None

    # Venues ----------------------------------------------------------------------------------

    def venue(self, name: str) -> Venue:
        """One of several venues."""
        self.execute("get_venue", venue=name)
        return Venue(self._transport, name)

    def create_venue(self, name: str, **definition: Any) -> Venue:
        """A venue without anything yet."""
        self.execute("create_venue", name=name, **definition)
        return Venue(self._transport, name)

    # Time, dice, a clean slate ---------------------------------------------------------------

    def freeze(self, at: int | None = None) -> int:
        """Let the venues' time stand still, now or at ``at``; the time, ns UTC."""
        return self._clock("freeze_clock", **({} if at is None else {"at": at}))

    def advance(self, seconds: object) -> int:
        """Move the venues' time on; what became due has happened. The time, ns UTC."""
        return self._clock("advance_clock", seconds=str(seconds))

    def real_time(self) -> int:
        """Go back to the machine's time; the time, ns UTC."""
        return self._clock("real_clock")

    def now(self) -> int:
        """The venues' time, ns UTC."""
        return self._clock("get_clock")

    def seed(self, seed: int) -> None:
        """Throw the dice of bots and faults anew."""
        self.execute("set_seed", seed=seed)

    def reset(self, level: str = "all") -> None:
        """Forget ``orders``, ``sessions`` or ``all``; what there is stays."""
        self.execute("reset", level=level)

    def events(self, after: int = 0, wait: float = 0.0, limit: int = 100) -> dict[str, Any]:
        """A page of what happened; ask on ``after`` its ``next``. ``lost``: how many are gone."""
        return self.execute("read_events", after=after, wait=wait, limit=limit)

    def _clock(self, command: str, **fields: Any) -> int:
        now: int = self.execute(command, **fields)["now"]
        return now
