"""What the client does, written once for callers with and without asyncio: as steps, each of which somebody else takes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Generator
from concurrent.futures import Future
from contextlib import closing, suppress
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, TypeVar

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


@dataclass(frozen=True)
class Done(Generic[T]):
    result: T


def resume(steps: Steps[T], answer: Outcome | None = None) -> Call | Discard | Done[T]:
    """Goes on with the answer to the last step, and waits where there is something to wait for."""
    step = _moved(partial(steps.send, answer))
    while isinstance(step, Wait):
        error = step.future.exception()
        step = _moved(partial(steps.throw, error) if error else partial(steps.send, step.future.result()))
    return step


async def resume_async(steps: Steps[T], answer: Outcome | None = None) -> Call | Discard | Done[T]:
    """As `resume`, and blocks no loop."""
    step = _moved(partial(steps.send, answer))
    while isinstance(step, Wait):
        try:
            move = partial(steps.send, await asyncio.wrap_future(step.future))
        except Exception as error:  # noqa: BLE001 - the steps know what to do
            move = partial(steps.throw, error)
        step = _moved(move)
    return step


def take(steps: Steps[T], call: Callable[[Key], Any]) -> T:
    with closing(steps):
        step = resume(steps)
        while not isinstance(step, Done):
            if isinstance(step, Call):
                step = resume(steps, _outcome(call, step.key))
            else:
                _close(step.outcome)
                step = resume(steps)
        return step.result


async def take_async(steps: Steps[T], call: Callable[[Key], Awaitable[Any]]) -> T:
    with closing(steps):
        step = await resume_async(steps)
        while not isinstance(step, Done):
            if isinstance(step, Call):
                step = await resume_async(steps, await _outcome_async(call, step.key))
            else:
                await _close_async(step.outcome)
                step = await resume_async(steps)
        return step.result


def _moved(move: Callable[[], Wait | Call | Discard]) -> Wait | Call | Discard | Done[Any]:
    try:
        return move()
    except StopIteration as end:
        return Done(end.value)


def _outcome(call: Callable[[Key], Any], key: Key) -> Outcome:
    try:
        return Outcome(value=call(key))
    except Exception as error:  # noqa: BLE001 - what it means is judged by whoever asked
        return Outcome(error=error)


async def _outcome_async(call: Callable[[Key], Awaitable[Any]], key: Key) -> Outcome:
    try:
        return Outcome(value=await call(key))
    except Exception as error:  # noqa: BLE001 - as above
        return Outcome(error=error)


def _close(outcome: Outcome) -> None:
    close = outcome.closer("close")
    if close:
        with suppress(Exception):
            close()


async def _close_async(outcome: Outcome) -> None:
    close = outcome.closer("aclose", "close")
    if close:
        with suppress(Exception):
            closed = close()
            if asyncio.iscoroutine(closed):
                await closed
