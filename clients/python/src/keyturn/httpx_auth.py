"""Requests of httpx with a key: `httpx.Client(auth=KeyAuth(keys, "sendgrid"))`."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import closing

import httpx

from ._key import Key
from ._keys import AsyncKeys, Keys
from ._outcome import Outcome
from ._steps import Call, Done, resume, resume_async

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
        with closing(self._core.use(self._name)) as steps:
            step = resume(steps)
            while not isinstance(step, Done):
                if isinstance(step, Call):
                    self._present(request, step.key)
                    step = resume(steps, Outcome(value=(yield request)))
                elif _can_be_sent_again(request):
                    step = resume(steps)
                else:
                    return

    async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        with closing(self._core.use(self._name)) as steps:
            step = await resume_async(steps)
            while not isinstance(step, Done):
                if isinstance(step, Call):
                    self._present(request, step.key)
                    step = await resume_async(steps, Outcome(value=(yield request)))
                elif _can_be_sent_again(request):
                    step = await resume_async(steps)
                else:
                    return


def _can_be_sent_again(request: httpx.Request) -> bool:
    try:
        return request.content is not None
    except httpx.RequestNotRead:
        return False
