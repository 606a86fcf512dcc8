"""A forked process has the memory of its parent, and none of its threads and connections."""

from __future__ import annotations

import os
from typing import Protocol
from weakref import WeakSet


class Forgetful(Protocol):
    def after_fork(self) -> None:
        """Forgets threads, locks and connections. Called in the child, before anything else runs there."""


_living: WeakSet[Forgetful] = WeakSet()


def forgets(living: Forgetful) -> None:
    living.after_fork()
    _living.add(living)


def _after_fork() -> None:
    for living in list(_living):
        living.after_fork()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
