"""The two calls with which consumers read secrets. DescribeSecret tells whether there is a new version at all: it needs no
decryption, and does not count as a read of the key for those who monitor reads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from ._aws import AwsClient, Explanation
from ._errors import Fault
from ._key import Key, parse_key
from ._names import Address

#: Rather than wait longer than this, a server uses the key that it has.
_ANSWER_SECONDS = 3


@dataclass(frozen=True)
class HeldVersion:
    version_id: str
    key: Key


class SecretReader(Protocol):
    def describe(self, address: Address) -> dict[str, list[str]]:
        """Version id -> labels; labelled versions only."""

    def read_current(self, address: Address) -> HeldVersion: ...

    def read_pending(self, address: Address) -> HeldVersion | None: ...


_EXPLAINED: dict[str, Explanation] = {
    "ResourceNotFoundException": (
        "not-found",
        "does not exist or is empty",
        "check the names of environment, server and provider, and that its stack is deployed",
    ),
    "AccessDeniedException": (
        "refused",
        "cannot be read with these AWS credentials",
        "run the server with the role that config/keys.ts names for it",
    ),
}


class AwsSecretReader:
    def __init__(self) -> None:
        self._secrets_manager = AwsClient("secretsmanager", _ANSWER_SECONDS)

    def describe(self, address: Address) -> dict[str, list[str]]:
        described = self._ask(address, "describe_secret")
        if isinstance(described, Fault):
            raise described.error()
        versions: dict[str, list[str]] = described.get("VersionIdsToStages", {})
        return versions

    def read_current(self, address: Address) -> HeldVersion:
        held = self._read(address, "AWSCURRENT")
        if isinstance(held, Fault):
            raise held.error()
        if held is None:
            raise Fault(
                "unissued",
                f"{address.short_name} has no key yet; create one with `npx keyturn issue --env {address.environment}`",
            ).error()
        return held

    def read_pending(self, address: Address) -> HeldVersion | None:
        held = self._read(address, "AWSPENDING")
        if isinstance(held, Fault):
            if held.code == "not-found":
                return None
            raise held.error()
        return held

    def _read(self, address: Address, stage: str) -> HeldVersion | Fault | None:
        answer = self._ask(address, "get_secret_value", VersionStage=stage)
        if isinstance(answer, Fault):
            return answer
        where = f"{address.short_name} ({stage})"
        key = parse_key(answer.get("SecretString", ""), where, address.provider, answer.get("CreatedDate"))
        return HeldVersion(answer["VersionId"], key) if isinstance(key, Key) else key

    def _ask(self, address: Address, operation: str, **more: str) -> Any | Fault:
        answer = self._secrets_manager.call(operation, _EXPLAINED, SecretId=address.secret_name, **more)
        if isinstance(answer, Fault):
            return Fault(answer.code, f"the secret {address.secret_name} {answer.message}")
        return answer
