"""What the client does, written once for callers with and without asyncio: as steps, each of which somebody else takes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Generator
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeVar

from ._key import Key
from ._outcome import Outcome

T = TypeVar("T")


@dataclass(frozen=True)
class Wait:
    """Answered with the future's result."""

    future: Future[Any]


@dataclass(frozen=True)
class Call:
    """The caller's own function is to be called. Answered with an `Outcome`."""

    key: Key


@dataclass(frozen=True)
class Discard:
    """The response will not be read: its connection is to be freed."""

    outcome: Outcome


Steps = Generator[Wait | Call | Discard, Any, T]


def take(steps: Steps[T], call: Callable[[Key], Any]) -> T:
    try:
        step = next(steps)
        while True:
            if isinstance(step, Wait):
                error = step.future.exception()
                step = steps.throw(error) if error else steps.send(step.future.result())
            elif isinstance(step, Call):
                step = steps.send(_outcome(call, step.key))
            else:
                close = step.outcome.closer("close")
                if close:
                    with suppress(Exception):
                        close()
                step = steps.send(None)
    except StopIteration as end:
        result: T = end.value
        return result
    finally:
        steps.close()


async def take_async(steps: Steps[T], call: Callable[[Key], Awaitable[Any]]) -> T:
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
                try:
                    outcome = Outcome(value=await call(step.key))
                except Exception as error:  # noqa: BLE001 - as above
                    outcome = Outcome(error=error)
                step = steps.send(outcome)
            else:
                close = step.outcome.closer("aclose", "close")
                if close:
                    with suppress(Exception):
                        closing = close()
                        if asyncio.iscoroutine(closing):
                            await closing
                step = steps.send(None)
    except StopIteration as end:
        result: T = end.value
        return result
    finally:
        steps.close()


def _outcome(call: Callable[[Key], Any], key: Key) -> Outcome:
    try:
        return Outcome(value=call(key))
    except Exception as error:  # noqa: BLE001 - as above
        return Outcome(error=error)
