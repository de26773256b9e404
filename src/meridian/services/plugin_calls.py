"""Calls into a plugin: sync handlers on their own thread, time limits, no exception escapes."""

from __future__ import annotations

import asyncio
import functools
import inspect
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from meridian.ccm import CCMPlugin

__all__ = ["PluginCalls", "Reply"]


@dataclass(frozen=True, slots=True)
class Reply:
    """What a handler returned, or what it raised."""

    value: Any = None
    error: Exception | None = None


class PluginCalls:
    """One plugin's handlers, called from the loop.

    Sync handlers run one at a time on one worker thread, in the order called, so a blocking
    venue library stalls neither the loop nor its own order of calls.
    """

    def __init__(self, plugin: CCMPlugin) -> None:
        self._plugin = plugin
        self._worker = ThreadPoolExecutor(1, thread_name_prefix=f"ccm-{plugin.instance_id}")

    async def call(
        self, handler: str, *arguments: Any, seconds: float, request_id: str | None = None
    ) -> Reply:
        """Call a handler; ``seconds`` ends the wait, not a sync handler's work.

        ``request_id`` is passed on where the handler names it.
        """
        function = getattr(self._plugin, handler)
        if request_id is not None and self._plugin.names(handler, "request_id"):
            function = functools.partial(function, request_id=request_id)
        try:
            async with asyncio.timeout(seconds):
                return Reply(await self._run(function, arguments))
        except TimeoutError as error:
            return Reply(error=TimeoutError(str(error) or f"{handler}: no answer in {seconds} s"))
        except asyncio.CancelledError:
            caller = asyncio.current_task()
            if caller is None or caller.cancelling():
                raise
            # Not ours: something the handler waited for was cancelled.
            return Reply(error=ConnectionError(f"{handler}: cancelled inside the plugin"))
        except Exception as error:  # noqa: BLE001 - whatever a plugin raises is an answer
            return Reply(error=error)

    async def _run(self, function: Any, arguments: tuple[Any, ...]) -> Any:
        if inspect.iscoroutinefunction(function):
            return await function(*arguments)
        loop = asyncio.get_running_loop()
        answer = await loop.run_in_executor(self._worker, functools.partial(function, *arguments))
        return await answer if inspect.isawaitable(answer) else answer

    def close(self) -> None:
        """Let go of the worker thread; a handler still blocked in it is left behind."""
        self._worker.shutdown(wait=False, cancel_futures=True)
