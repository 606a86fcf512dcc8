"""What the tests of this client share. They need no AWS; those of test_secrets_stay.py get a local one from their environment."""

from __future__ import annotations

import threading
from datetime import datetime, timezone

from keyturn import Key, KeyturnError
from keyturn._core import CoreParts
from keyturn._names import Address, Place
from keyturn._reader import HeldVersion
from keyturn._usage import Reports, Usage


def held(number: int) -> HeldVersion:
    issued_at = datetime(2026, 11, 23, tzinfo=timezone.utc)
    key = Key(secret=f"FAKESECRET-{number}", key_id=f"key-{number}", provider="gitlab", issued_at=issued_at)
    return HeldVersion(f"version-{number}", key)


class Reader:
    """Secrets Manager with one secret; `gate` holds its answers back."""

    def __init__(self) -> None:
        self.number = 1
        self.calls: list[str] = []
        self.gate = threading.Event()
        self.gate.set()

    def describe(self, _address: Address) -> dict[str, list[str]]:
        self._call("describe")
        return {f"version-{self.number}": ["AWSCURRENT"]}

    def read_current(self, _address: Address) -> HeldVersion:
        self._call("read_current")
        return held(self.number)

    def read_pending(self, _address: Address) -> HeldVersion | None:
        self._call("read_pending")
        return None

    def _call(self, what: str) -> None:
        self.calls.append(what)
        if not self.gate.wait(30):
            raise KeyturnError("no-answer", "the test never opened the gate")


class Sink:
    interval = 0.0

    def __init__(self) -> None:
        self.reports: Reports = []

    def write(self, reports: Reports, _at: float) -> None:
        self.reports += [(address, dict(counts)) for address, counts in reports]

    def total(self, metric: str) -> int:
        return sum(counts.get(metric, 0) for _, counts in self.reports)


def parts_with(reader: Reader, sink: Sink) -> CoreParts:
    return CoreParts(
        place=Place("prod", "support-bot"),
        variables={},
        reader=reader,
        tokens={},
        federate={},
        usage=Usage(sink),
        refresh=300_000,
        stale=86_400_000,
        now=lambda: 0,
        sleep=lambda _milliseconds: None,
    )


