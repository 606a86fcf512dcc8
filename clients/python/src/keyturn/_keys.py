"""What a server holds: `Keys`, or `AsyncKeys` in asyncio."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, TypeVar

from ._core import Core, CoreParts, core_parts
from ._errors import KeyturnError
from ._flight import start
from ._key import Key
from ._steps import take, take_async
from ._usage import UsageTarget

T = TypeVar("T")


class _Keys:
    def __init__(
        self,
        *,
        environment: str | None = None,
        server: str | None = None,
        variables: Mapping[str, str] | None = None,
        tokens: Mapping[str, Sequence[str]] | None = None,
        federate: Mapping[str, Mapping[str, Any]] | None = None,
        refresh_seconds: float = 300,
        stale_hours: float = 24,
        usage: UsageTarget | None = None,
    ) -> None:
        """
        environment, server: as in config/keys.ts. Default: the variables KEYTURN_ENVIRONMENT and KEYTURN_SERVER.
        variables: for `env`: which variable gets which key, as `provider`, `provider/purpose` or `provider:field`.
        tokens: keys from which tokens are minted (`github-app`, `oauth-client`), with the scopes that this server's tokens shall
            have; none asks for all that the configuration grants.
        federate: keys that do not exist, since the provider accepts this server's AWS role, with what `federate` says of them in
            config/keys.ts.
        refresh_seconds: how old a copy of a key may be before AWS is asked whether there is a new one, at the next use.
        stale_hours: how long the last known key serves while Secrets Manager cannot be read.
        usage: where usage is reported. Default: in Lambda the logs, elsewhere CloudWatch by PutMetricData.

        Raises KeyturnError with the code bad-config, where environment or server are not named.
        """
        parts = core_parts(
            environment,
            server,
            variables or {},
            tokens or {},
            federate or {},
            refresh_seconds,
            stale_hours,
            usage,
        )
        self._core = Core(parts)

    @classmethod
    def _of(cls: type[K], parts: CoreParts) -> K:
        keys = cls.__new__(cls)
        keys._core = Core(parts)
        return keys


K = TypeVar("K", bound=_Keys)


class Keys(_Keys):
    """The keys of one MCP server, for code that waits. Threads may share it."""

    def use(self, name: str, call: Callable[[Key], T]) -> T:
        """Calls `call` with a key that works, and returns what it returned.

        Where the provider rejects the key (`call` returns a response with the status 401, or raises an error that carries one,
        or KeyRejected), the key is read afresh and `call` called once more with the new one. While there is no new one, it
        waits up to four seconds for it. `call` must be safe to call again after a rejection.

        name: `provider`, or `provider/purpose`
        """
        result: T = take(self._core.use(name), call).result()
        return result

    def get(self, name: str) -> Key:
        """The key to use now, for one call. Do not keep it: it is revoked some time after the next rotation. Prefer `use`."""
        return take(self._core.get(name), _calls_nothing)

    def env(self) -> dict[str, str]:
        """Values for the variables named in the options, for code that takes its keys from there."""
        return take(self._core.env(), _calls_nothing)

    def close(self) -> None:
        """Reports what has been counted. Call it before the process ends."""
        self._core.usage.flush()

    def __enter__(self) -> Keys:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class AsyncKeys(_Keys):
    """The keys of one MCP server, for code in asyncio. Nothing here blocks its loop, and several loops may share it."""

    async def use(self, name: str, call: Callable[[Key], Awaitable[T]]) -> T:
        """As `Keys.use`, with a function that is awaited."""
        result: T = (await take_async(self._core.use(name), call)).result()
        return result

    async def get(self, name: str) -> Key:
        """As `Keys.get`."""
        return await take_async(self._core.get(name), _awaits_nothing)

    async def env(self) -> dict[str, str]:
        """As `Keys.env`."""
        return await take_async(self._core.env(), _awaits_nothing)

    async def close(self) -> None:
        """Reports what has been counted. Call it before the process ends."""
        await asyncio.wrap_future(start(self._core.usage.flush))

    async def __aenter__(self) -> AsyncKeys:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()


def _calls_nothing(_key: Key) -> None:
    raise KeyturnError("bad-config", "reading a key calls nothing")


async def _awaits_nothing(key: Key) -> None:
    _calls_nothing(key)
