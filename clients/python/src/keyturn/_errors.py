"""What went wrong, for code and for people. No message, and no exception that is chained to one, holds a secret."""

from __future__ import annotations

from dataclasses import dataclass


class KeyturnError(Exception):
    """`code` is for programs: `bad-config`, `bad-reply`, `bad-secret`, `key-rejected`, `no-answer`, `not-found`, `provider-down`,
    `rate-limited`, `refused`, `unissued`.

    The message is for people: what happened, and the fix.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code

    def __reduce__(self) -> tuple[type[KeyturnError], tuple[str, str]]:
        return KeyturnError, (self.code, str(self))


class KeyRejected(KeyturnError):
    """Raise it where the provider rejected the key in another way than by a 401.

    For example with a 200 and an error in its body, or with a 400 or 403, which other faults of a request get as well. The key
    is then read afresh, and your function called once more.
    """

    def __init__(
        self, message: str = "the provider rejected the key; a newer one is tried if there is one"
    ) -> None:
        super().__init__("key-rejected", message)

    def __reduce__(self) -> tuple[type[KeyturnError], tuple[str]]:  # type: ignore[override]
        return KeyRejected, (str(self),)


@dataclass(frozen=True)
class Fault:
    """An error that is not raised yet.

    Programs that report errors send the local variables of every frame along. So what handles the text of a secret returns its
    faults, and code that has seen no secret raises them.
    """

    code: str
    message: str

    def error(self) -> KeyturnError:
        return KeyturnError(self.code, self.message)
