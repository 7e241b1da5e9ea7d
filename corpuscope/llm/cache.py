"""Keeps every reply that was paid for, in one SQLite file.

A reply is committed before it is read, by the thread that received it, so an interruption loses no
more than the calls in the air. Texts lie in it in clear, so only its owner may read the file.
"""

import json
import os
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corpuscope.durable import TEMPORARY_SUFFIX, room_on_disk, sync
from corpuscope.errors import InputError, StorageFull

__all__ = ["Kept", "ReplyCache", "default_cache"]

_VERSION = 1
_TABLES = """
CREATE TABLE IF NOT EXISTS about (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS replies (
    key TEXT NOT NULL, attempt INTEGER NOT NULL, purpose TEXT NOT NULL, body TEXT NOT NULL,
    seconds REAL NOT NULL, at REAL NOT NULL, PRIMARY KEY (key, attempt)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS endpoints (name TEXT PRIMARY KEY, habits TEXT NOT NULL);
"""
_WAIT = 60.0
_KEYS_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Kept:
    """A reply as it was received.

    Attributes:
        body: The body of the response.
        attempt: Its number among the replies to the same request, from 0.
    """

    body: Mapping[str, Any]
    attempt: int


def default_cache() -> Path:
    """Where replies are kept unless a file is named: in the user's folder of caches."""
    root = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(root) / "corpuscope" / "replies.sqlite"


class ReplyCache:
    """Replies by the key of their request.

    Args:
        path: The file; it and its folder are created. None keeps replies in memory.

    Raises:
        InputError: The file is no such cache, or one of a newer version.
    """

    def __init__(self, path: str | Path | None) -> None:
        self.path = None if path is None else Path(path)
        self._lock = threading.Lock()
        self._connection = self._opened()

    def _opened(self) -> sqlite3.Connection:
        if self.path is not None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            # Created with its final mode: replies quote the documents.
            os.close(os.open(self.path, os.O_CREAT | os.O_RDWR, 0o600))
            self.path.chmod(0o600)
        connection = sqlite3.connect(
            self.path or ":memory:", timeout=_WAIT, check_same_thread=False, isolation_level=None
        )
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            # A committed reply survives a crash of the machine, too.
            connection.execute("PRAGMA synchronous=FULL")
            connection.executescript(_TABLES)
            connection.execute(
                "INSERT OR IGNORE INTO about VALUES ('version', ?)", (str(_VERSION),)
            )
            (version,) = connection.execute(
                "SELECT value FROM about WHERE name = 'version'"
            ).fetchone()
        except sqlite3.DatabaseError as error:
            connection.close()
            raise InputError(
                f"{self.path} is not a cache of replies ({error})",
                expected="a cache that corpuscope made, or a new file",
                next_step="name another file",
            ) from error
        if int(version) > _VERSION:
            connection.close()
            raise InputError(
                f"{self.path} has version {version} of the cache of replies",
                expected=f"at most {_VERSION}",
                next_step="install a newer corpuscope, or name another file",
            )
        return connection

    def replies(self, keys: Iterable[str]) -> dict[str, list[Kept]]:
        """The replies to these requests, earliest first; requests without one are left out."""
        wanted, found = list(keys), dict[str, list[Kept]]()
        with self._lock:
            for first in range(0, len(wanted), _KEYS_AT_ONCE):
                some = wanted[first : first + _KEYS_AT_ONCE]
                marks = ",".join("?" * len(some))
                query = f"SELECT key, attempt, body FROM replies WHERE key IN ({marks})"
                for key, attempt, body in self._connection.execute(
                    f"{query} ORDER BY key, attempt", some
                ):
                    found.setdefault(key, []).append(Kept(json.loads(body), attempt))
        return found

    def keep(
        self, key: str, body: Mapping[str, Any], *, purpose: str, seconds: float, at: float
    ) -> None:
        """Commit a reply under the next number of its request."""
        written = json.dumps(dict(body))
        with self._lock:
            self._written(
                "INSERT INTO replies SELECT ?, COALESCE(MAX(attempt) + 1, 0), ?, ?, ?, ? "
                "FROM replies WHERE key = ?",
                (key, purpose, written, seconds, at, key),
            )

    def _written(self, statement: str, values: tuple[object, ...]) -> None:
        try:
            self._connection.execute(statement, values)
        except sqlite3.OperationalError as error:
            raise StorageFull(
                f"a reply cannot be kept in {self.path or 'memory'} ({error})",
                expected="room on that disk, and permission to write",
                next_step="make room, then run the same command again; earlier replies are kept",
            ) from error

    def habits(self, endpoint: str) -> dict[str, Any]:
        """What was learned of an endpoint, such as the parameters it refuses."""
        with self._lock:
            row = self._connection.execute(
                "SELECT habits FROM endpoints WHERE name = ?", (endpoint,)
            ).fetchone()
        return json.loads(row[0]) if row else {}

    def learn(self, endpoint: str, habits: Mapping[str, Any]) -> None:
        """Remember what was learned of an endpoint."""
        with self._lock:
            self._connection.execute(
                "INSERT OR REPLACE INTO endpoints VALUES (?, ?)",
                (endpoint, json.dumps(dict(habits), sort_keys=True)),
            )

    def export(self) -> Iterator[dict[str, Any]]:
        """Every reply as a JSON object: `key`, `attempt`, `purpose`, `body`."""
        with self._lock:
            rows = self._connection.execute(
                "SELECT key, attempt, purpose, body FROM replies ORDER BY key, attempt"
            ).fetchall()
        for key, attempt, purpose, body in rows:
            yield {"key": key, "attempt": attempt, "purpose": purpose, "body": json.loads(body)}

    def counts(self) -> dict[str, int]:
        """The number of replies by purpose."""
        with self._lock:
            rows = self._connection.execute(
                "SELECT purpose, COUNT(*) FROM replies GROUP BY purpose ORDER BY purpose"
            )
            return {str(purpose): int(n) for purpose, n in rows}

    def save(self, path: Path) -> int:
        """Write every reply as a line of JSON into a new file; returns the number of replies.

        Only its owner may read the file, as the cache itself.

        Raises:
            InputError: There is such a file already.
            StorageFull: There is no room.
        """
        if path.exists():
            raise InputError(
                f"{path} is there already",
                expected="a new file",
                next_step="name another, or remove it",
            )
        lines = [json.dumps(one) for one in self.export()]
        temporary = path.with_name(f".{path.name}{TEMPORARY_SUFFIX}")
        with room_on_disk(path):
            temporary.unlink(missing_ok=True)
            # Created with its final mode, as the cache is.
            created = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(created, "w", encoding="utf-8") as file:
                file.writelines(f"{line}\n" for line in lines)
            sync(temporary)
            temporary.replace(path)
        return len(lines)

    def models(self) -> dict[str, int]:
        """The number of replies by the model that gave them, most first."""
        with self._lock:
            rows = self._connection.execute(
                "SELECT COALESCE(json_extract(body, '$.model'), 'unknown') AS model, COUNT(*) "
                "FROM replies GROUP BY model ORDER BY COUNT(*) DESC, model"
            )
            return {str(model): int(n) for model, n in rows}

    def n_bytes(self) -> int:
        """The size on disk, with what is not merged into the file yet; 0 in memory."""
        if self.path is None:
            return 0
        parts = [self.path.with_name(f"{self.path.name}{end}") for end in ("", "-wal", "-shm")]
        return sum(one.stat().st_size for one in parts if one.exists())

    def clear(self) -> int:
        """Forget all replies, and what was learned of endpoints; returns the number of replies."""
        with self._lock:
            (n,) = self._connection.execute("SELECT COUNT(*) FROM replies").fetchone()
            self._connection.execute("DELETE FROM replies")
            self._connection.execute("DELETE FROM endpoints")
            self._connection.execute("VACUUM")
        return int(n)

    def close(self) -> None:
        """Close the file."""
        self._connection.close()
