"""What a call with a key came to, as far as the key is concerned."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from ._errors import KeyRejected


@dataclass(frozen=True)
class Outcome:
    value: Any = None
    error: Exception | None = None

    def result(self) -> Any:
        if self.error is not None:
            raise self.error
        return self.value

    def failure(self) -> Literal["rejected", "refused"] | None:
        """`rejected`: the provider does not know the key (any more). `refused`: another key would be refused as well."""
        if self.error is not None and _is_rejection(self.error):
            return "rejected"
        status = _status(self.value) if self.error is None else _status_of_error(self.error)
        return "rejected" if status == 401 else "refused" if status == 403 else None

    def closer(self, *names: str) -> Callable[[], Any] | None:
        """The method that frees the connection of a response."""
        if self.error is not None or _status(self.value) is None:
            return None
        return next((found for name in names if callable(found := _attribute(self.value, name))), None)


def _is_rejection(error: BaseException) -> bool:
    return isinstance(error, KeyRejected) or any(_is_rejection(inner) for inner in _inner(error))


def _status(value: object) -> int | None:
    """Of a response of httpx, requests, aiohttp or urllib3. A value without headers is none."""
    if _attribute(value, "headers") is None:
        return None
    return _number(value, "status_code", "status")


def _status_of_error(error: object, depth: int = 0) -> int | None:
    """Providers' own clients raise what they call status, status_code, http_status or response.status_code."""
    status = _number(error, "status_code", "status", "http_status")
    if status is not None or depth > 3:
        return status
    response = _attribute(error, "response")
    inner = [*([response] if response is not None else []), *_inner(error)]
    found = [_status_of_error(each, depth + 1) for each in inner]
    return 401 if 401 in found else next((each for each in found if each is not None), None)


def _inner(error: object) -> tuple[BaseException, ...]:
    """Of an exception group, as task groups raise them."""
    held = _attribute(error, "exceptions")
    return held if isinstance(held, tuple) and all(isinstance(each, BaseException) for each in held) else ()


def _number(value: object, *names: str) -> int | None:
    found = (_attribute(value, name) for name in names)
    return next((each for each in found if isinstance(each, int) and not isinstance(each, bool)), None)


def _attribute(value: object, name: str) -> Any:
    try:
        return getattr(value, name, None)
    except Exception:  # noqa: BLE001 - a property of somebody else's class
        return None
