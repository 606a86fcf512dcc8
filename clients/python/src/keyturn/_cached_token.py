"""A short-lived token in the place of a key: asked for once for all who wait, and held until shortly before its end."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from hashlib import sha256
from threading import RLock

from ._errors import Fault
from ._flight import start
from ._fork import forgets
from ._key import Key
from ._names import Address
from ._reader import HeldVersion
from ._rejections import Rejections
from ._steps import Steps, Wait

#: Between attempts while no token can be had. Milliseconds.
_PATIENCE = 5_000
#: Before a call is made again with a token that may only be too young. Milliseconds.
_AGAIN = (250, 500, 1_000, 2_000, 2_000)
#: A token is got afresh when this part of its life is left, and no earlier than this long before its end. Milliseconds.
_FRESH_PART = 0.2
_FRESH_AT_MOST = 5 * 60_000


@dataclass(frozen=True)
class GivenToken:
    """Not to be raised over: what handles it returns its faults."""

    token: str
    ends_at: float
    """Milliseconds since 1970."""
    scopes: tuple[str, ...]

    def __repr__(self) -> str:
        return f"GivenToken(ends_at={self.ends_at!r}, scopes={self.scopes!r})"


AskForToken = Callable[[str | None], GivenToken | Fault]
"""With the fingerprint of a token that was refused where it was used, if there is one."""


@dataclass(frozen=True)
class _Held:
    version: HeldVersion
    renew_at: float
    end_at: float
    is_refused: bool = False
    """It is not to be given out again."""


@dataclass(frozen=True)
class TokenParts:
    address: Address
    ask: AskForToken
    on_stale: Callable[[], None]
    """A token is handed out though a newer one was wanted, and could not be had."""
    now: Callable[[], float]
    sleep: Callable[[float], None]


class CachedToken:
    def __init__(self, parts: TokenParts) -> None:
        self._parts = parts
        self._held: _Held | None = None
        self._failed_at = float("-inf")
        self._rejections = Rejections(parts.now)
        forgets(self)

    def after_fork(self) -> None:
        self._lock = RLock()
        self._renewing: Future[_Held] | None = None

    def get(self) -> Steps[HeldVersion]:
        now = self._parts.now()
        # As one, or a thread that comes when a token has just been taken in would ask again.
        with self._lock:
            held = self._held
            is_due = held is None or now >= held.renew_at
            is_stale = is_due and now - self._failed_at < _PATIENCE
            serves = held is not None and now < held.end_at
            # In the background where this request has a token that still works.
            renewing = self._renew() if is_due and not (is_stale and serves) else None
        if held is None or not serves:
            fresh: _Held = yield Wait(renewing or self._renew())
            return fresh.version
        if is_stale:
            self._parts.on_stale()
        return held.version

    def after_rejection(
        self, version: HeldVersion, begun_at: float, tried: list[str]
    ) -> Steps[HeldVersion | None]:
        """What to try where the provider has rejected a token: the same once more, or the next."""
        with self._lock:
            verdict = self._rejections.judge(version.version_id, begun_at)
            if verdict == "reason" and self._held is not None:
                self._held = replace(self._held, is_refused=True)
            renewing = self._renew() if verdict == "reason" else self._renewing
        if verdict == "early":
            again = tried.count(version.version_id) - 1
            if again >= len(_AGAIN):
                return None
            # In a thread of its own, since callers of asyncio wait, too.
            yield Wait(start(lambda: self._parts.sleep(_AGAIN[again])))
            return self._held.version if self._held else None
        if renewing is not None:
            # Without another token there is nothing better to offer than the refusal itself.
            with suppress(Exception):
                yield Wait(renewing)
        held = self._held
        return held.version if held and held.version.version_id not in tried else None

    def accepted(self, version: HeldVersion, begun_at: float) -> None:
        with self._lock:
            self._rejections.accepted(version.version_id, begun_at)

    def is_superseded(self, _version: HeldVersion) -> bool:
        """Tokens overlap by nature: using one to its end is no fault."""
        return False

    def _renew(self) -> Future[_Held]:
        """One question at a time, for all who wait for its answer."""
        with self._lock:
            if self._renewing is not None:
                return self._renewing
            renewing = start(self._ask)
            if not renewing.done():
                self._renewing = renewing
            return renewing

    def _ask(self) -> _Held:
        try:
            with self._lock:
                held = self._held
            given = self._parts.ask(held.version.version_id if held and held.is_refused else None)
            if isinstance(given, Fault):
                self._failed_at = self._parts.now()
                raise given.error()
            fresh = self._taken(given)
            with self._lock:
                # The same token is given again while it is good.
                if self._held is None or self._held.version.version_id != fresh.version.version_id:
                    self._held = fresh
                self._rejections.given(self._held.version.version_id)
                return self._held
        finally:
            with self._lock:
                self._renewing = None

    def _taken(self, given: GivenToken) -> _Held:
        now, ends_at = self._parts.now(), given.ends_at
        key_id = sha256(given.token.encode()).hexdigest()[:16]
        key = Key(
            secret=given.token,
            key_id=key_id,
            provider=self._parts.address.provider,
            issued_at=_date(now),
            expires_at=_date(ends_at),
            scopes=given.scopes,
        )
        renew_at = ends_at - min(_FRESH_AT_MOST, (ends_at - now) * _FRESH_PART)
        return _Held(HeldVersion(key_id, key), renew_at=renew_at, end_at=ends_at)


def _date(milliseconds: float) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1_000, tz=timezone.utc)
