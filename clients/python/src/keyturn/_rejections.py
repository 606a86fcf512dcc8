"""When the rejection of a token is a reason for another one. A new token is refused for some seconds while the provider's servers
tell each other of it; and where another one is refused as well, a third would not help at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

Verdict = Literal["reason", "early", "none"]
"""`reason`: the token is to be replaced. `early`: the request was sent before all of the provider's servers could know the token,
or before another that was accepted; it may be made again. `none`: the token was replaced already, or replacements have just been
refused as well."""

#: GitHub takes up to five seconds: https://github.com/octokit/auth-app.js/blob/main/src/hook.ts. Milliseconds.
_SETTLES = 10_000
#: Between two replacements for the sake of rejections, while nothing is accepted: at first, and at most; doubled each time. Milliseconds.
_FIRST_PAUSE = 30_000
_LONGEST_PAUSE = 30 * 60_000


class Rejections:
    """Of one key. Called under its lock."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._version = ""
        #: When it may first be held against the version that it is refused.
        self._settled_at = 0.0
        #: When the latest request was sent that was accepted.
        self._accepted_from = 0.0
        #: Replacements since something was accepted.
        self._replaced = 0
        self._pauses_until = 0.0

    def given(self, version: str) -> None:
        """A version was given out that was made a moment ago."""
        if version != self._version:
            self._version = version
            self._settled_at = self._now() + _SETTLES
            self._accepted_from = 0.0

    def judge(self, version: str, sent_at: float) -> Verdict:
        """`sent_at`: when the rejected request was sent, however late it is told of."""
        if version != self._version:
            return "none"
        if sent_at < self._settled_at or sent_at <= self._accepted_from:
            return "early"
        if self._now() < self._pauses_until:
            return "none"
        self._pauses_until = self._now() + min(_FIRST_PAUSE * 2**self._replaced, _LONGEST_PAUSE)
        self._replaced += 1
        return "reason"

    def accepted(self, version: str, sent_at: float) -> None:
        if version == self._version:
            self._replaced = 0
            self._pauses_until = 0.0
            self._accepted_from = max(self._accepted_from, sent_at)
