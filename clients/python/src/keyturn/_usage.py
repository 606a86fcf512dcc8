"""Counts what is done with keys, and reports the counts without making any request wait."""

from __future__ import annotations

import json
import logging
import os
import sys
import threading
import time
from collections.abc import Mapping
from typing import Any, Literal, Protocol, TextIO

from ._aws import AwsClient
from ._errors import Fault
from ._fork import forgets
from ._names import Address

_log = logging.getLogger("keyturn")

Counts = dict[str, int]
Reports = list[tuple[Address, Counts]]

UsageTarget = Literal["stdout", "stderr", "cloudwatch", "none"]
"""`stdout`, `stderr`: lines in embedded metric format, for processes whose output CloudWatch Logs takes in. `cloudwatch`:
PutMetricData, once a minute."""

REQUESTS = "Requests"
AUTH_FAILURES = "AuthFailures"
SUPERSEDED_USES = "SupersededUses"
STALE_SERVES = "StaleServes"

_INTERVAL = 60.0
#: For CloudWatch to take a report.
_ANSWER_SECONDS = 5


class UsageSink(Protocol):
    @property
    def interval(self) -> float:
        """Seconds between two reports. 0: as soon as nothing is under way, since the process may be frozen or end at any time."""

    def write(self, reports: Reports, at: float) -> Fault | None:
        """`at`: seconds since 1970. Returns why it failed: what it was given is then reported with the next counts."""


class Usage:
    def __init__(self, sink: UsageSink) -> None:
        self._sink = sink
        self._has_warned = False
        forgets(self)

    def after_fork(self) -> None:
        # What was counted so far is reported by the process that counted it.
        self._lock = threading.Lock()
        self._writing = threading.Lock()
        self._counts: dict[Address, Counts] = {}
        self._timer: threading.Timer | None = None
        self._under_way = 0

    def count(self, address: Address, metric: str, times: int = 1) -> None:
        with self._lock:
            counts = self._counts.setdefault(address, {})
            counts[metric] = counts.get(metric, 0) + times
            if self._sink.interval and self._timer is None:
                self._timer = threading.Timer(self._sink.interval, self._flush_planned)
                self._timer.daemon = True
                try:
                    self._timer.start()
                except RuntimeError:
                    # The interpreter is ending: `close` reports what there is.
                    self._timer = None

    def begin(self) -> None:
        with self._lock:
            self._under_way += 1

    def end(self) -> None:
        with self._lock:
            self._under_way -= 1
        self.settle()

    def settle(self) -> None:
        """Reports what has been counted, where the sink does not wait for more and nothing is under way."""
        with self._lock:
            is_due = not self._sink.interval and not self._under_way and self._counts
        if is_due:
            self.flush()

    def flush(self) -> None:
        with self._writing:
            with self._lock:
                due = list(self._counts.items())
                self._counts = {}
            if due:
                self._write(due)

    def _flush_planned(self) -> None:
        with self._lock:
            self._timer = None
        self.flush()

    def _write(self, due: Reports) -> None:
        try:
            fault = self._sink.write(due, time.time())
        except Exception as error:  # noqa: BLE001 - no report is worth a failed request
            fault = Fault("no-answer", type(error).__name__)
        if fault is None:
            return
        for address, counts in due:
            for metric, times in counts.items():
                self.count(address, metric, times)
        if not self._has_warned:
            self._has_warned = True
            _log.warning(
                "Keyturn could not report the usage of keys (%s); it will try again. Where the role may not call"
                " PutMetricData, attach the policy that `npx keyturn plan` names.",
                fault.message,
            )


def default_target(env: Mapping[str, str], script: str) -> UsageTarget:
    """In Lambda the logs, elsewhere CloudWatch itself.

    Standard output is chosen only where the process is Lambda's own runtime: an MCP server may be a child of that process, and
    then its standard output belongs to the protocol.
    """
    # The log of another account tells the alarms nothing.
    if "AWS_LAMBDA_FUNCTION_NAME" not in env or "KEYTURN_ROLE" in env:
        return "cloudwatch"
    return "stdout" if script.startswith("/var/runtime/") or "awslambdaric" in script else "stderr"


def sink_of(target: UsageTarget) -> UsageSink:
    if target == "cloudwatch":
        return _CloudWatch()
    if target == "none":
        return _Nowhere()
    return _Lines(sys.stdout if target == "stdout" else sys.stderr)


class _Nowhere:
    interval = _INTERVAL

    def write(self, _reports: Reports, _at: float) -> None:
        return None


class _Lines:
    def __init__(self, stream: TextIO) -> None:
        self.interval = 0 if "AWS_LAMBDA_FUNCTION_NAME" in os.environ else _INTERVAL
        self._stream = stream

    def write(self, reports: Reports, at: float) -> None:
        for address, counts in reports:
            self._stream.write(json.dumps(metric_line(address, counts, at), separators=(",", ":")) + "\n")
        self._stream.flush()


def metric_line(address: Address, counts: Counts, at: float) -> dict[str, Any]:
    dimensions = _dimensions(address)
    metrics = [{"Name": name, "Unit": "Count"} for name in counts]
    directive = {"Namespace": _namespace(address), "Dimensions": [list(dimensions)], "Metrics": metrics}
    return {"_aws": {"Timestamp": int(at * 1_000), "CloudWatchMetrics": [directive]}, **dimensions, **counts}


class _CloudWatch:
    interval = _INTERVAL

    def __init__(self) -> None:
        self._cloudwatch = AwsClient("cloudwatch", _ANSWER_SECONDS)

    def write(self, reports: Reports, at: float) -> Fault | None:
        # A process has the keys of one server. It holds a handful of them: all their counts fit into the 1,000 of one call.
        data = [
            {
                "MetricName": metric,
                "Dimensions": [{"Name": name, "Value": held} for name, held in _dimensions(address).items()],
                "Timestamp": at,
                "Unit": "Count",
                "Value": times,
            }
            for address, counts in reports
            for metric, times in counts.items()
        ]
        answer = self._cloudwatch.call("put_metric_data", {}, Namespace=_namespace(reports[0][0]), MetricData=data)
        return answer if isinstance(answer, Fault) else None


def _namespace(address: Address) -> str:
    """IAM can let a role write into one namespace, and so a server can forge no other server's counts."""
    return f"Keyturn/{address.environment}/{address.server}"


def _dimensions(address: Address) -> dict[str, str]:
    return {
        "environment": address.environment,
        "server": address.server,
        "provider": address.provider,
        "purpose": address.purpose,
    }
