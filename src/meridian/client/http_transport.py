"""Commands to a daemon's API."""

from __future__ import annotations

import http.client
import json
import threading
from typing import Any
from urllib.parse import urlsplit

from meridian.client.errors import ConnectionFailed, error_of

__all__ = ["HttpTransport"]


class HttpTransport:
    """To a daemon's API, one kept connection a thread.

    Args:
        url: such as ``http://127.0.0.1:8400``.
        timeout: seconds for an answer, on top of what a command itself waits for.

    Raises:
        ConnectionFailed: the URL is no ``http`` or ``https`` one.
    """

    def __init__(self, url: str, token: str | None = None, timeout: float = 10.0) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ConnectionFailed(f"expected a URL such as http://127.0.0.1:8400, got {url!r}")
        self._url = url
        self._host = parts.hostname
        self._port = parts.port
        self._secure = parts.scheme == "https"
        self._timeout = timeout
        self._headers = {"Content-Type": "application/json"}
        if token is not None:
            self._headers["Authorization"] = f"Bearer {token}"
        self._local = threading.local()
        self._open: set[http.client.HTTPConnection] = set()
        self._lock = threading.Lock()

    def call(self, command: dict[str, Any], patience: float) -> dict[str, Any]:
        body = json.dumps(command)
        while True:
            connection = self._connection(patience)
            kept = connection.sock is not None
            try:
                connection.request("POST", "/v1/commands", body, self._headers)
                answer = connection.getresponse()
                return self._read(answer.status, answer.read())
            except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError) as error:
                self._drop(connection)
                # The daemon closes what was silent for long: that is seen only in use.
                if not kept:
                    raise ConnectionFailed(f"{self._url}: the daemon broke off: {error}") from None
            except (OSError, http.client.HTTPException) as error:
                self._drop(connection)
                raise ConnectionFailed(f"{self._url}: {error}") from None

    def close(self) -> None:
        with self._lock:
            connections, self._open = self._open, set()
        for connection in connections:
            connection.close()
        self._local = threading.local()

    def _connection(self, patience: float) -> http.client.HTTPConnection:
        connection: http.client.HTTPConnection | None = getattr(self._local, "connection", None)
        timeout = self._timeout + patience
        if connection is None:
            kind = http.client.HTTPSConnection if self._secure else http.client.HTTPConnection
            connection = kind(self._host, self._port, timeout=timeout)
            self._local.connection = connection
            with self._lock:
                self._open.add(connection)
        connection.timeout = timeout
        if connection.sock is not None:
            connection.sock.settimeout(timeout)
        return connection

    def _drop(self, connection: http.client.HTTPConnection) -> None:
        connection.close()
        self._local.connection = None
        with self._lock:
            self._open.discard(connection)

    def _read(self, status: int, body: bytes) -> dict[str, Any]:
        try:
            reply = json.loads(body)
            if not isinstance(reply, dict):
                raise ValueError("expected an object")
        except ValueError:
            text = f"{self._url}: expected JSON, got status {status}: {body[:200]!r}"
            raise ConnectionFailed(text) from None
        if reply.get("kind") == "failure":
            raise error_of(reply["code"], reply["text"])
        return reply
