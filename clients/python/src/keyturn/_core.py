"""The keys of one MCP server, as steps that `Keys`, `AsyncKeys` and `KeyAuth` take in their ways."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from ._cached_key import HOUR, CachedKey, CacheParts
from ._cached_token import AskForToken, CachedToken, TokenParts
from ._errors import KeyturnError
from ._exchanges import Settings
from ._federation import Federation
from ._fork import forgets
from ._key import Key
from ._names import Address, Place, Variable, parse_key_name, parse_place, parse_variable
from ._outcome import Outcome
from ._reader import AwsSecretReader, HeldVersion, SecretReader
from ._steps import Call, Discard, Steps
from ._token_function import TokenFunction
from ._usage import (
    AUTH_FAILURES,
    REQUESTS,
    STALE_SERVES,
    SUPERSEDED_USES,
    Usage,
    UsageTarget,
    default_target,
    sink_of,
)


@dataclass(frozen=True)
class CoreParts:
    place: Place
    variables: Mapping[str, str]
    reader: SecretReader
    tokens: Mapping[str, Sequence[str]]
    """Keys that are short-lived tokens, by name, with the scopes that each shall have."""
    federate: Mapping[str, Settings]
    """Keys in whose place the server's AWS role is accepted, by name."""
    usage: Usage
    refresh: float
    """Milliseconds."""
    stale: float
    """Milliseconds."""
    now: Callable[[], float]
    """Milliseconds since 1970."""
    sleep: Callable[[float], None]
    """Milliseconds."""


def core_parts(
    environment: str | None,
    server: str | None,
    variables: Mapping[str, str],
    tokens: Mapping[str, Sequence[str]],
    federate: Mapping[str, Settings],
    refresh_seconds: float,
    stale_hours: float,
    usage: UsageTarget | None,
) -> CoreParts:
    env = os.environ
    target = usage or default_target(env, sys.argv[0] if sys.argv else "")
    return CoreParts(
        place=parse_place(
            environment if environment is not None else env.get("KEYTURN_ENVIRONMENT"),
            server if server is not None else env.get("KEYTURN_SERVER"),
        ),
        variables=variables,
        reader=AwsSecretReader(),
        tokens=tokens,
        federate=federate,
        usage=Usage(sink_of(target)),
        refresh=refresh_seconds * 1_000,
        stale=stale_hours * HOUR,
        now=lambda: time.time() * 1_000,
        sleep=lambda milliseconds: time.sleep(milliseconds / 1_000),
    )


class _ReportingReader:
    """Reports also without requests: a server that was seen to read a key, and reports nothing, has a problem."""

    def __init__(self, reader: SecretReader, usage: Usage) -> None:
        self._reader = reader
        self._usage = usage
        self.describe = reader.describe
        self.read_pending = reader.read_pending

    def read_current(self, address: Address) -> HeldVersion:
        version = self._reader.read_current(address)
        self._usage.count(address, REQUESTS, 0)
        return version


class Core:
    def __init__(self, parts: CoreParts) -> None:
        self._parts = parts
        self.usage = parts.usage
        self._reader = _ReportingReader(parts.reader, parts.usage)
        self._cached: dict[Address, CachedKey | CachedToken] = {}
        self._askers = _askers(parts)
        self._variables = [parse_variable(name, text, parts.place) for name, text in parts.variables.items()]
        forgets(self)

    def use(self, name: str) -> Steps[Outcome]:
        """Calls with a key; where the provider rejects it, with the next one, as long as there is another to try."""
        address = parse_key_name(name, self._parts.place)
        self.usage.begin()
        try:
            return (yield from self._call(address, self._cached_key(address)))
        finally:
            self.usage.end()

    def get(self, name: str) -> Steps[Key]:
        key = yield from self._get(parse_key_name(name, self._parts.place))
        self.usage.settle()
        return key

    def env(self) -> Steps[dict[str, str]]:
        values: dict[str, str] = {}
        for variable in self._variables:
            key = yield from self._get(variable.address)
            if key.value(variable.field) is None:
                raise _without_field(variable, key)
            values[variable.name] = key.value(variable.field) or ""
        self.usage.settle()
        return values

    def _call(self, address: Address, cached: CachedKey | CachedToken) -> Steps[Outcome]:
        tried: list[str] = []
        version = yield from cached.get()
        while True:
            begun_at = self._parts.now()
            try:
                outcome: Outcome = yield Call(version.key)
            except GeneratorExit:
                # The caller has given up; the request was made all the same.
                self._count_request(address, cached, version)
                raise
            tried.append(version.version_id)
            failure = outcome.failure()
            self._count_request(address, cached, version)
            if not failure and outcome.error is None:
                cached.accepted(version, begun_at)
            following: HeldVersion | None = None
            try:
                if failure == "rejected":
                    following = yield from cached.after_rejection(version, begun_at, tried)
            finally:
                # Not an error if the token was only too new for some of the provider's machines.
                if failure and (following is None or following.version_id != version.version_id):
                    self.usage.count(address, AUTH_FAILURES)
            if following is None:
                return outcome
            yield Discard(outcome)
            version = following

    def _count_request(self, address: Address, cached: CachedKey | CachedToken, version: HeldVersion) -> None:
        self.usage.count(address, REQUESTS)
        if cached.is_superseded(version):
            self.usage.count(address, SUPERSEDED_USES)

    def _get(self, address: Address) -> Steps[Key]:
        version = yield from self._cached_key(address).get()
        return version.key

    def _cached_key(self, address: Address) -> CachedKey | CachedToken:
        known = self._cached.get(address)
        if known is not None:
            return known
        with self._lock:
            return self._cached.setdefault(address, self._make(address))

    def _make(self, address: Address) -> CachedKey | CachedToken:
        parts = self._parts

        def on_stale() -> None:
            self.usage.count(address, STALE_SERVES)

        ask = self._askers.get(address)
        if ask is not None:
            return CachedToken(TokenParts(address, ask, on_stale, parts.now, parts.sleep))
        return CachedKey(
            CacheParts(
                reader=self._reader,
                address=address,
                refresh=parts.refresh,
                stale=parts.stale,
                on_stale=on_stale,
                now=parts.now,
                sleep=parts.sleep,
            )
        )

    def after_fork(self) -> None:
        self._lock = threading.Lock()


def _askers(parts: CoreParts) -> dict[Address, AskForToken]:
    """Of the keys that are tokens."""
    function = TokenFunction()
    federation = Federation(parts.now, parts.sleep)
    askers: dict[Address, AskForToken] = {}
    for name, scopes in parts.tokens.items():
        address = parse_key_name(name, parts.place)
        askers[address] = function.asker(address, scopes)
    for name, settings in parts.federate.items():
        address = parse_key_name(name, parts.place)
        askers[address] = federation.asker(address, settings)
    return askers


def _without_field(variable: Variable, key: Key) -> KeyturnError:
    named = ", ".join(["secret", "keyId", "provider", "issuedAt", *key.fields])
    return KeyturnError(
        "bad-secret",
        f'the {key.provider} key has no field "{variable.field}" for {variable.name}; it has {named}',
    )
