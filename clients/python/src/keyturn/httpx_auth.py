"""Requests of httpx with a key: `httpx.Client(auth=KeyAuth(keys, "sendgrid"))`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Generator

import httpx

from ._key import Key
from ._keys import AsyncKeys, Keys
from ._outcome import Outcome
from ._steps import Call, Wait

Present = Callable[[httpx.Request, Key], None]


def bearer(request: httpx.Request, key: Key) -> None:
    """Puts the key where most providers expect it."""
    request.headers["Authorization"] = f"Bearer {key.secret}"


class KeyAuth(httpx.Auth):
    """Sends each request with the key of now, and once more with the next key where the provider answers 401.

    A request whose body cannot be read twice (a stream, a file) is not sent again: the caller gets the 401, and the next request
    has the new key.

    keys: `Keys` or `AsyncKeys`; either serves both kinds of clients
    name: `provider`, or `provider/purpose`
    present: puts the key into a request. Default: `Authorization: Bearer`
    """

    def __init__(self, keys: Keys | AsyncKeys, name: str, present: Present = bearer) -> None:
        self._core = keys._core
        self._name = name
        self._present = present

    def sync_auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        steps = self._core.use(self._name)
        try:
            step = next(steps)
            while True:
                if isinstance(step, Wait):
                    error = step.future.exception()
                    step = steps.throw(error) if error else steps.send(step.future.result())
                elif isinstance(step, Call):
                    self._present(request, step.key)
                    step = steps.send(Outcome(value=(yield request)))
                elif _can_be_sent_again(request):
                    step = steps.send(None)
                else:
                    return
        except StopIteration:
            return
        finally:
            steps.close()

    async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        steps = self._core.use(self._name)
        try:
            step = next(steps)
            while True:
                if isinstance(step, Wait):
                    try:
                        answer = await asyncio.wrap_future(step.future)
                    except Exception as error:  # noqa: BLE001 - the steps know what to do
                        step = steps.throw(error)
                    else:
                        step = steps.send(answer)
                elif isinstance(step, Call):
                    self._present(request, step.key)
                    step = steps.send(Outcome(value=(yield request)))
                elif _can_be_sent_again(request):
                    step = steps.send(None)
                else:
                    return
        except StopIteration:
            return
        finally:
            steps.close()


def _can_be_sent_again(request: httpx.Request) -> bool:
    try:
        return request.content is not None
    except httpx.RequestNotRead:
        return False
