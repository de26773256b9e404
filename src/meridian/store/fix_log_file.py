"""An append-only file of frames: each is there whole or not at all."""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterable, Iterator
from hashlib import sha256
from mmap import ACCESS_READ, mmap
from pathlib import Path
from struct import Struct
from typing import Literal
from urllib.parse import quote

from meridian.schema.errors import ConfigError

try:
    import fcntl
except ImportError:  # a system without POSIX locks
    fcntl = None  # type: ignore[assignment]

__all__ = ["HEAD_BYTES", "FrameFile", "Sync", "log_path"]

Sync = Literal["flush", "fdatasync"]
"""``flush``: handed to the system, which survives the death of the process; ``fdatasync``: on the
medium, which survives a loss of power."""

_MAGIC = b"MERIDIAN-FIX-1\r\n"
_MARK = b"\xffFIX"
_HEAD = Struct("<4sII")
HEAD_BYTES = _HEAD.size
"""What stands before a payload."""
_LONGEST_NAME = 120
_FLAGS = os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)

# macOS and Windows have no fdatasync; fsync promises no less.
_datasync = getattr(os, "fdatasync", os.fsync)


def log_path(folder: str | Path, name: str) -> Path:
    """The file in ``folder`` for the log of a session called ``name``, whoever chose the name.

    Another name is another file, and no name leaves the folder: what is no letter, digit or one of
    ``_.-~`` is percent-encoded, and a long name ends in its SHA-256.
    """
    plain = quote(name, safe="")
    if len(plain) > _LONGEST_NAME:
        # quote() leaves no plus sign, so that nobody's whole name is another's shortened one.
        plain = f"{plain[:_LONGEST_NAME]}+{sha256(name.encode()).hexdigest()}"
    return Path(folder) / f"{plain}.log"


class FrameFile:
    """Frames of mark, length, CRC-32 and payload behind a magic line; one process at a time.

    A last frame that was torn by the end of its writer is cut off when the frames are read.

    Raises:
        ConfigError: the file cannot be opened, is held by another process, is no such file, or is
            damaged before its end.
    """

    def __init__(self, path: str | Path, sync: Sync) -> None:
        self.path = Path(path)
        self._sync = sync
        self._lock_fd = _locked(self.path)
        self._broken = ""
        self._fd = -1
        self.end = 0
        """Where the next frame begins."""
        try:
            self._fd = os.open(self.path, _FLAGS, 0o600)
            self._begin()
        except OSError as error:
            self.close()
            raise ConfigError(f"cannot open message log {self.path}: {error}") from None
        except ConfigError:
            self.close()
            raise

    def frames(self) -> Iterator[tuple[int, bytes]]:
        """Each whole frame's payload and where that begins; cuts a torn end off.

        Raises:
            ConfigError: the file is damaged before its end.
        """
        size = os.fstat(self._fd).st_size
        at = len(_MAGIC)
        while at < size:
            payload = self._payload(at, size)
            if payload is None:
                self._cut(at, size)
                break
            yield at + HEAD_BYTES, payload
            at += HEAD_BYTES + len(payload)
        self.end = at

    def append(self, parts: Iterable[bytes]) -> None:
        """Add one frame, made of ``parts``; durable, as ``sync`` says, when it returns.

        Raises:
            OSError: it could not be written and is not there; it may be tried again, unless the
                medium failed to sync: then nothing can be appended any more.
        """
        if self._broken:
            raise OSError(f"message log {self.path} failed before: {self._broken}")
        frame = _framed(b"".join(parts))
        try:
            _write(self._fd, frame, self.end)
        except OSError:
            os.ftruncate(self._fd, self.end)
            raise
        if self._sync == "fdatasync":
            try:
                _datasync(self._fd)
            except OSError as error:
                # What is on the medium is unknown now, and a second sync would not tell.
                self._broken = str(error)
                raise
        self.end += len(frame)

    def read(self, at: int, length: int) -> bytes:
        """Bytes of a payload."""
        return os.pread(self._fd, length, at)

    def rewrite(self, frames: Iterable[bytes]) -> None:
        """Replace the whole content; a crash leaves either the old or the new one.

        Raises:
            OSError: it could not be written; the old content stands.
        """
        aside = self.path.with_name(self.path.name + ".new")
        fd = os.open(aside, _FLAGS | os.O_TRUNC, 0o600)
        try:
            _write(fd, _MAGIC, 0)
            end = len(_MAGIC)
            for payload in frames:
                frame = _framed(payload)
                _write(fd, frame, end)
                end += len(frame)
            os.fsync(fd)
            os.replace(aside, self.path)
        except OSError:
            os.close(fd)
            aside.unlink(missing_ok=True)
            raise
        os.close(self._fd)
        self._fd, self.end = fd, end
        _sync_folder(self.path.parent)

    def close(self) -> None:
        """Let go of the file; what was appended stays."""
        for fd in (self._fd, self._lock_fd):
            if fd >= 0:
                os.close(fd)
        self._fd = self._lock_fd = -1

    def _begin(self) -> None:
        magic = os.pread(self._fd, len(_MAGIC), 0)
        # A file shorter than its magic line was torn while it was made.
        if len(magic) < len(_MAGIC) and _MAGIC.startswith(magic):
            _write(self._fd, _MAGIC, 0)
            os.fsync(self._fd)
            _sync_folder(self.path.parent)
        elif magic != _MAGIC:
            raise ConfigError(f"{self.path} is no message log: it begins with {magic!r}")
        self.end = len(_MAGIC)

    def _payload(self, at: int, size: int) -> bytes | None:
        """Of the frame at ``at``; None where there is no whole one."""
        head = os.pread(self._fd, HEAD_BYTES, at)
        if len(head) < HEAD_BYTES or not head.startswith(_MARK):
            return None
        _, length, crc = _HEAD.unpack(head)
        if at + HEAD_BYTES + length > size:
            return None
        payload = os.pread(self._fd, length, at + HEAD_BYTES)
        return payload if zlib.crc32(payload) == crc else None

    def _cut(self, at: int, size: int) -> None:
        """The frame at ``at`` is not whole: torn if no whole one follows, else damaged."""
        with mmap(self._fd, size, access=ACCESS_READ) as content:
            later = content.find(_MARK, at + 1)
            while later >= 0:
                if self._payload(later, size) is not None:
                    raise ConfigError(f"message log {self.path} is damaged at byte {at} of {size}")
                later = content.find(_MARK, later + 1)
        os.ftruncate(self._fd, at)
        os.fsync(self._fd)


def _framed(payload: bytes) -> bytes:
    return _HEAD.pack(_MARK, len(payload), zlib.crc32(payload)) + payload


def _locked(path: Path) -> int:
    """The lock is a file of its own, so that it outlives a rewrite."""
    if fcntl is None:
        raise ConfigError(f"cannot lock message log {path}: this system has no POSIX locks")
    lock = path.with_name(path.name + ".lock")
    try:
        fd = os.open(lock, _FLAGS, 0o600)
    except (OSError, ValueError) as error:
        # ValueError: a path with NUL, which the system would not even look at.
        raise ConfigError(f"cannot open message log {path}: {error}") from None
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(fd)
        raise ConfigError(f"message log {path} is held by another process") from None
    return fd


def _write(fd: int, data: bytes, at: int) -> None:
    done = os.pwrite(fd, data, at)
    while done < len(data):
        done += os.pwrite(fd, data[done:], at + done)


def _sync_folder(folder: Path) -> None:
    """A new name is durable once its folder is."""
    fd = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
