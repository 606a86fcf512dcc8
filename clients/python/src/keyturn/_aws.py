"""AWS clients as processes hold them that run for months: calls end in time, credentials that were renewed where they come from
are found, and nothing that was answered gets into a log."""

from __future__ import annotations

import logging
import os
import threading
from functools import partial
from typing import Any

from ._errors import Fault
from ._fork import forgets

_CONNECT_SECONDS = 1

#: Answers of AWS to credentials that have ended; a session that an administrator revoked is refused like a right that is missing.
_REFUSED_CREDENTIALS = ("ExpiredToken", "ExpiredTokenException", "UnrecognizedClientException", "InvalidClientTokenId")
_MAY_BE_RENEWED = (*_REFUSED_CREDENTIALS, "AccessDenied", "AccessDeniedException")

Explanation = tuple[str, str, str]
"""The error's code, what went wrong, and the fix."""


class AwsClient:
    """One client of boto3, made when it is first used, and made again with the credentials of now where they have ended."""

    def __init__(self, service: str, answer_seconds: float) -> None:
        self._service = service
        self._answer_seconds = answer_seconds
        forgets(self)

    def after_fork(self) -> None:
        self._lock = threading.Lock()
        self._made: tuple[Any, str | None] | None = None

    def call(
        self, operation: str, known: dict[str, Explanation], read: str | None = None, **parameters: Any
    ) -> Any | Fault:
        """Returns what `operation` (`describe_secret`) answered, or why it did not.

        known: what errors with these names mean
        read: the part of the answer that is a stream, in whose place its bytes are returned
        """
        code, fault = "", Fault("no-answer", "")
        used: str | None = None
        for _ in range(2):
            try:
                client, key_id = self._client(used)
                if used is not None and key_id == used:
                    break
                used = key_id
                with _without_bodies_in_logs:
                    answer = getattr(client, operation)(**parameters)
                    return {**answer, read: answer[read].read()} if read else answer
            except Exception as error:  # noqa: BLE001 - boto3's errors have no common class; each becomes a fault
                code, fault = _explain(error, known, self._made[0] if self._made else None)
            if code not in _MAY_BE_RENEWED:
                break
        return fault

    def _client(self, refused: str | None) -> tuple[Any, str | None]:
        with self._lock:
            if self._made is None or (refused is not None and self._made[1] == refused):
                self._made = _make_client(self._service, self._answer_seconds)
            return self._made


def _make_client(service: str, answer_seconds: float) -> tuple[Any, str | None]:
    # Loaded here: it takes longer than the rest of this library.
    import boto3
    from botocore.config import Config

    session = boto3.Session()
    role = os.environ.get("KEYTURN_ROLE")
    if role:
        session = _assuming(role, session)
    waits = Config(
        connect_timeout=_CONNECT_SECONDS, read_timeout=answer_seconds, retries={"mode": "standard"}
    )
    credentials = session.get_credentials()
    return session.client(service, config=waits), credentials.access_key if credentials else None


def _assuming(role: str, session: Any) -> Any:
    import boto3
    import botocore.session
    from botocore.credentials import AssumeRoleCredentialFetcher, DeferredRefreshableCredentials

    fetcher = AssumeRoleCredentialFetcher(
        client_creator=partial(session._session.create_client, region_name=session.region_name),
        source_credentials=session.get_credentials(),
        role_arn=role,
        extra_args={"RoleSessionName": "keyturn-client"},
    )
    assumed = botocore.session.get_session()
    # botocore has no public way to hand in credentials that renew themselves.
    assumed._credentials = DeferredRefreshableCredentials(
        method="assume-role", refresh_using=fetcher.fetch_credentials
    )
    return boto3.Session(botocore_session=assumed, region_name=session.region_name)


def _explain(error: Exception, known: dict[str, Explanation], client: Any) -> tuple[str, Fault]:
    name = type(error).__name__
    if name in known and not hasattr(error, "response"):
        return name, Fault(known[name][0], f"{known[name][1]}; {known[name][2]}")
    response = getattr(error, "response", None)
    if isinstance(response, dict) and isinstance(response.get("Error"), dict):
        name = str(response["Error"].get("Code", name))
        said = known.get(name)
        if said:
            return name, Fault(said[0], f"{said[1]}; {said[2]}")
        if name in _REFUSED_CREDENTIALS:
            what = f"was refused because the AWS credentials have expired ({name})"
        else:
            where = client.meta.endpoint_url if client else "AWS"
            return name, Fault(
                "no-answer",
                f"could not be accessed: {where} answered {name}; check AWS credentials and region, and try again",
            )
        fix = "renew them, for instance with `aws sso login`; the next call reads them again"
        return name, Fault("no-answer", f"{what}; {fix}")
    if name in ("NoCredentialsError", "PartialCredentialsError"):
        return name, Fault(
            "no-answer",
            f"could not be reached: no AWS credentials were found ({name}); run `aws sso login`, or set AWS_PROFILE",
        )
    if "SSO" in name or name in ("TokenRetrievalError", "CredentialRetrievalError"):
        return name, Fault(
            "no-answer",
            f"was refused because the AWS credentials have expired ({name}); renew them, for instance with `aws sso login`;"
            " the next call reads them again",
        )
    if name == "NoRegionError":
        return name, Fault("no-answer", "could not be reached: no AWS region is set; set AWS_REGION")
    where = client.meta.endpoint_url if client else "AWS"
    return name, Fault(
        "no-answer",
        f"could not be reached: {where} gave no answer ({name});"
        " check the network, a proxy or VPN, and AWS_ENDPOINT_URL if it is set",
    )


class _WithoutBodies(logging.Filter):
    """At the level DEBUG, botocore logs the bodies of answers: those of Secrets Manager are keys."""

    def __init__(self) -> None:
        super().__init__()
        self._ours = threading.local()

    def __enter__(self) -> None:
        logging.getLogger("botocore.parsers").addFilter(self)
        self._ours.calling = True

    def __exit__(self, *_: object) -> None:
        self._ours.calling = False

    def filter(self, _record: logging.LogRecord) -> bool:
        return not getattr(self._ours, "calling", False)


_without_bodies_in_logs = _WithoutBodies()
