"""Keeps a plugin's link up: connect, reconcile, and after a loss again with backoff."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from meridian.ccm import Backoff, CCMPlugin, Credentials, Dice, LinkEvent
from meridian.schema.errors import ConfigError, ExchangeError
from meridian.schema.times import NS_PER_SECOND
from meridian.services.logs import logger
from meridian.services.plugin_calls import PluginCalls
from meridian.services.sidecar_settings import SidecarSettings

__all__ = ["LinkOwner", "PluginLink"]


class LinkOwner(Protocol):
    """Who hears of the link, and reconciles when it is back."""

    def link_changed(self, event: LinkEvent, detail: str) -> None:
        """The link changed."""

    async def reconcile(self) -> None:
        """Ask the venue what became of the open orders; return early where the link is lost."""


class PluginLink:
    """One plugin's link. Every attempt gets its own credentials, wiped when it returns."""

    def __init__(
        self,
        plugin: CCMPlugin,
        calls: PluginCalls,
        credentials: Callable[[], Mapping[str, Any]],
        dice: Dice,
        settings: SidecarSettings,
        owner: LinkOwner,
    ) -> None:
        self._plugin = plugin
        self._calls = calls
        self._credentials = credentials
        self._timeout = settings.connect_timeout
        self._start_timeout = settings.start_timeout
        self._owner = owner
        self._backoff = Backoff(dice, _ns(settings.backoff_base), max(_ns(settings.backoff_cap), 1))
        self._lost = False
        self._recovered = False
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        """Brings the link up, then watches it."""
        self._stopped = False
        self._failure = "no attempt was made"
        self._log = logger("sidecar").bind(instance_id=plugin.instance_id)

    @property
    def lost(self) -> bool:
        """Whether the link was lost since the last attempt began."""
        return self._lost

    async def start(self) -> None:
        """Bring the link up and keep it up.

        Raises:
            ConfigError: the plugin cannot connect with this configuration.
            ExchangeError: no attempt succeeded within the start timeout, or it was stopped.
        """
        self._task = asyncio.create_task(self._establish())
        try:
            async with asyncio.timeout(self._start_timeout):
                await self._task
        except TimeoutError:
            raise ExchangeError(
                f"{self._plugin.instance_id}: not connected within {self._start_timeout} s: "
                f"{self._failure}"
            ) from None
        except asyncio.CancelledError:
            if self._stopped:
                raise ExchangeError(f"{self._plugin.instance_id}: stopped while starting") from None
            raise
        self._task = asyncio.create_task(self._watch())

    async def stop(self) -> None:
        """Try no more."""
        self._stopped = True
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    def report_lost(self, detail: str) -> None:
        """The plugin says that the link is down."""
        self._lost = True
        self._wake.set()
        self._owner.link_changed(LinkEvent.LOST, detail)

    def report_recovered(self) -> None:
        """The plugin says that an impaired link is whole again."""
        self._recovered = True
        self._wake.set()

    async def _watch(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            try:
                if self._lost:
                    await self._pause()
                    await self._establish()
                elif self._recovered:
                    await self._reconcile()
            except ConfigError as error:
                self._owner.link_changed(LinkEvent.CLOSED, str(error))
            except Exception as error:  # noqa: BLE001 - a full disk passes, the link must return
                self._log.error("reconnection_failed", reason=f"{type(error).__name__}: {error}")
                self._lost = True
                self._wake.set()

    async def _establish(self) -> None:
        while True:
            self._lost = False
            try:
                await self._connect()
            except ExchangeError as error:
                self._failure = str(error)
                self._log.warning("connect_failed", reason=self._failure)
                self._owner.link_changed(LinkEvent.LOST, self._failure)
            else:
                if not self._lost and await self._reconcile():
                    return
            await self._pause()

    async def _reconcile(self) -> bool:
        """Back to CONNECTED through DEGRADED; False where the link was lost on the way."""
        self._recovered = False
        self._owner.link_changed(LinkEvent.UP, "reconciling")
        await self._owner.reconcile()
        if self._lost:
            return False
        self._backoff.reset()
        self._owner.link_changed(LinkEvent.RECONCILED, "")
        return True

    async def _connect(self) -> None:
        if not self._plugin.supports("connect"):
            return
        try:
            credentials = Credentials(self._credentials())
        except OSError as error:
            raise ExchangeError(f"credentials could not be read: {error.strerror}") from None
        try:
            reply = await self._calls.call("connect", credentials, seconds=self._timeout)
            if reply.error is None:
                return
            reason = credentials.scrub(str(reply.error) or type(reply.error).__name__)
        finally:
            credentials.wipe()
        if isinstance(reply.error, ConfigError):
            raise ConfigError(reason)
        raise ExchangeError(reason)

    async def _pause(self) -> None:
        await asyncio.sleep(self._backoff.next_delay() / NS_PER_SECOND)


def _ns(seconds: float) -> int:
    return int(seconds * NS_PER_SECOND)
