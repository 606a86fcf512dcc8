"""The search for another version after a rejection: at once, and again while there is none, once for all waiting calls."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from threading import RLock

from ._flight import start
from ._fork import forgets

#: Milliseconds before each look. A containment that revokes first has its new key in place within seconds.
_WAITS = (0, 250, 500, 1_000, 2_000)
#: Milliseconds between later looks. Calls then get the rejection without waiting.
_PATIENCE = 5_000
#: A rejection that comes so long after the last look is a new occasion. Milliseconds.
_FORGOTTEN = 60_000


@dataclass
class _Search:
    version_id: str
    since: float
    done: Future[None] | None = None
    looked_at: float | None = None


class KeySearch:
    def __init__(
        self,
        *,
        look: Callable[[str], bool],
        now: Callable[[], float],
        sleep: Callable[[float], None],
    ) -> None:
        """`look` returns True where there is nothing more to look for, and raises where AWS gives no answer."""
        self._look = look
        self._now = now
        self._sleep = sleep
        forgets(self)

    def after_fork(self) -> None:
        self._lock = RLock()
        self._search: _Search | None = None

    def after(self, rejected: str) -> Future[None] | None:
        """Done when there may be another version than the rejected one, or none is to be had now."""
        with self._lock:
            last = self._search
            now = self._now()
            waits: tuple[int, ...] = _WAITS
            if last is not None and last.version_id == rejected:
                if last.looked_at is None:
                    return last.done
                if now - last.looked_at < _PATIENCE:
                    return None
                if now - last.looked_at < _FORGOTTEN:
                    waits = _WAITS[:1]
            search = _Search(rejected, since=now)
            self._search = search
            search.done = start(lambda: self._run(search, waits))
            return search.done

    def accepted(self, version_id: str, begun_at: float) -> None:
        """The provider has accepted a version in a call that began then: calls that wait for another can stop waiting."""
        with self._lock:
            search = self._search
            if search is None or search.looked_at is not None or search.version_id != version_id:
                return
            if begun_at > search.since:
                search.looked_at = self._now()

    def _run(self, search: _Search, waits: tuple[int, ...]) -> None:
        for wait in waits:
            if wait:
                self._sleep(wait)
            with self._lock:
                is_called_off = self._search is not search or search.looked_at is not None
            if is_called_off:
                break
            try:
                if self._look(search.version_id):
                    break
            except Exception:  # noqa: BLE001 - nothing better can be had
                break
        with self._lock:
            search.looked_at = self._now()
