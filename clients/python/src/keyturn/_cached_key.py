"""One secret as a consumer holds it. A request must not wait for AWS without need, and must not fail because AWS cannot be
reached: the old key stays valid for its whole overlap, so a copy that is minutes old still works."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from threading import RLock
from typing import Literal

from ._errors import KeyturnError
from ._flight import start
from ._fork import forgets
from ._names import Address
from ._reader import HeldVersion, SecretReader
from ._search import KeySearch
from ._steps import Steps, Wait

HOUR = 3_600_000
#: Milliseconds between attempts while AWS gives no answer.
_PATIENCE = 5_000

Serving = Literal["use", "use-and-check", "check-first", "use-unchecked"]


@dataclass(frozen=True)
class KeyCopy:
    """What a process knows of one secret."""

    version: HeldVersion
    """The version to use."""
    checked_at: float
    """When AWS last told whether this is still the version to use. Milliseconds."""
    versions: Mapping[str, list[str]] = field(default_factory=dict)
    """Version id -> labels, as AWS last told them."""
    pending: HeldVersion | None = None
    """AWSPENDING, offered because the provider rejected AWSCURRENT; it is `version` once the provider has accepted it."""
    failed_at: float | None = None
    """When AWS last gave no answer, if that was later. Milliseconds."""

    def is_usable(self) -> bool:
        """AWSCURRENT; or AWSPENDING, where it has proved to work already."""
        labels = self.versions.get(self.version.version_id, [])
        return "AWSCURRENT" in labels or (self.version is self.pending and "AWSPENDING" in labels)

    def has_pending(self) -> bool:
        return any("AWSPENDING" in labels for labels in self.versions.values())

    def known(self) -> list[HeldVersion]:
        return [version for version in (self.version, self.pending) if version is not None]

    def serving(self, now: float, refresh: float) -> Serving:
        """`refresh`: how old a copy may be before AWS is asked whether there is a new version. Milliseconds."""
        age = now - self.checked_at
        if age < refresh:
            return "use"
        if self.failed_at is not None and now - self.failed_at < _PATIENCE:
            return "use-unchecked"
        return "use-and-check" if age < 2 * refresh else "check-first"


@dataclass(frozen=True)
class CacheParts:
    reader: SecretReader
    address: Address
    refresh: float
    stale: float
    """How long a copy serves while AWS cannot be asked. Milliseconds."""
    on_stale: Callable[[], None]
    now: Callable[[], float]
    sleep: Callable[[float], None]


class CachedKey:
    def __init__(self, parts: CacheParts) -> None:
        self._parts = parts
        self._held: KeyCopy | None = None
        self._search = KeySearch(look=self._look_for, now=parts.now, sleep=parts.sleep)
        forgets(self)

    def after_fork(self) -> None:
        self._lock = RLock()
        self._reading: Future[KeyCopy] | None = None

    def get(self) -> Steps[HeldVersion]:
        """The key to use now."""
        # As one, or a thread that comes when an answer has just been taken in would ask again.
        with self._lock:
            copy = self._held
            serving = copy.serving(self._parts.now(), self._parts.refresh) if copy else "check-first"
            reading = self._read() if serving in ("use-and-check", "check-first") else None
        if copy is None or serving == "check-first":
            try:
                checked: KeyCopy = yield Wait(reading or self._read())
            except KeyturnError as error:
                last = self._held
                if last is None:
                    raise
                return self._unchecked(last, error)
            return checked.version
        # Where AWS is asked in the background, should that fail, the next request tries again.
        if serving == "use" or (serving == "use-and-check" and copy.failed_at is None):
            return copy.version
        return self._unchecked(copy)

    def after_rejection(
        self, version: HeldVersion, _begun_at: float, tried: list[str]
    ) -> Steps[HeldVersion | None]:
        """What to try where the provider has rejected a key: a version that came since, or the one that is about to come."""
        if self._held is not None and self._held.version.version_id == version.version_id:
            search = self._search.after(version.version_id)
            if search is not None:
                yield Wait(search)
        held = self._held
        if held is None:
            return None
        return next((known for known in held.known() if known.version_id not in tried), None)

    def accepted(self, version: HeldVersion, begun_at: float) -> None:
        """The provider has accepted this version in a call that began then."""
        self._search.accepted(version.version_id, begun_at)
        if self._held is not None and version is self._held.pending:
            self._change(lambda copy: replace(copy, version=version) if version is copy.pending else copy)

    def is_superseded(self, version: HeldVersion) -> bool:
        """True where another version is known to have taken its place."""
        held = self._held
        return held is not None and all(known.version_id != version.version_id for known in held.known())

    def _read(self) -> Future[KeyCopy]:
        """One question at a time, for all who wait for its answer."""
        with self._lock:
            if self._reading is not None:
                return self._reading
            reading = start(self._ask)
            if not reading.done():
                self._reading = reading
            return reading

    def _ask(self) -> KeyCopy:
        try:
            return self._read_first() if self._held is None else self._check()
        finally:
            with self._lock:
                self._reading = None

    def _read_first(self) -> KeyCopy:
        version = self._parts.reader.read_current(self._parts.address)
        with self._lock:
            self._held = KeyCopy(version, checked_at=self._parts.now())
            return self._held

    def _check(self) -> KeyCopy:
        reader, address, now = self._parts.reader, self._parts.address, self._parts.now
        try:
            versions = reader.describe(address)
            copy = self._change(lambda copy: replace(copy, versions=versions))
            if not copy.is_usable():
                version = reader.read_current(address)
                self._change(lambda copy: replace(copy, version=version))
            return self._change(lambda copy: replace(copy, checked_at=now(), failed_at=None))
        except Exception:
            self._change(lambda copy: replace(copy, failed_at=now()))
            raise

    def _change(self, changed: Callable[[KeyCopy], KeyCopy]) -> KeyCopy:
        with self._lock:
            if self._held is None:
                raise RuntimeError("a copy is changed after the first read")
            self._held = changed(self._held)
            return self._held

    def _look_for(self, rejected: str) -> bool:
        if self._held is not None:
            self._change(lambda copy: replace(copy, pending=None))
        copy = self._read().result()
        if copy.version.version_id != rejected:
            return True
        # Where a new key takes the place of the old one at once, it works before it becomes AWSCURRENT.
        pending: HeldVersion | None = None
        if copy.has_pending():
            try:
                pending = self._parts.reader.read_pending(self._parts.address)
            except KeyturnError:
                # A role that may not read it continues with AWSCURRENT.
                pending = None
        self._change(lambda copy: replace(copy, pending=pending))
        return pending is not None

    def _unchecked(self, copy: KeyCopy, cause: KeyturnError | None = None) -> HeldVersion:
        now, stale = self._parts.now(), self._parts.stale
        expires_at = copy.version.key.expires_at
        has_expired = expires_at is not None and expires_at.timestamp() * 1_000 <= now
        if has_expired or now - copy.checked_at >= stale:
            why = "has expired" if has_expired else f"is older than {stale / HOUR:g} hours"
            raise KeyturnError(
                "no-answer",
                f"the last known key of {self._parts.address.short_name} {why} and Secrets Manager cannot be read;"
                " check AWS credentials and network",
            ) from cause
        self._parts.on_stale()
        return copy.version
