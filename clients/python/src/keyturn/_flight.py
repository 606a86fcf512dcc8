"""Work that several callers wait for: in a thread of its own, so that callers of asyncio can wait for it as well."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from threading import Thread
from typing import TypeVar

T = TypeVar("T")


def start(work: Callable[[], T]) -> Future[T]:
    """The future cannot be cancelled: whoever gives up waiting does not take the answer from the others."""
    future: Future[T] = Future()
    future.set_running_or_notify_cancel()

    def run() -> None:
        try:
            result = work()
        except BaseException as error:  # noqa: BLE001 - whoever waits gets it
            future.set_exception(error)
        else:
            future.set_result(result)

    try:
        Thread(target=run, name="keyturn", daemon=True).start()
    except RuntimeError:
        # The interpreter is ending, or the system has no thread left.
        run()
    return future
