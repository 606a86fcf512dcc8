"""Where the counts go, and how long AWS may take."""

from __future__ import annotations

import io
import json
import os
import unittest
from unittest import mock

from aws import Sink
from botocore.retries.standard import DEFAULT_MAX_ATTEMPTS
from keyturn._aws import _make_client
from keyturn._errors import Fault
from keyturn._names import Address
from keyturn._usage import Reports, Usage, _Lines, default_target

ADDRESS = Address("prod", "gitlab", "support-bot", "main")


class Counts(unittest.TestCase):
    def test_a_report_that_fails_is_made_with_the_next_and_said_once(self) -> None:
        class Failing(Sink):
            def write(self, reports: Reports, at: float) -> Fault | None:  # type: ignore[override]
                super().write(reports, at)
                return Fault("no-answer", "AWS gave no answer")

        sink = Failing()
        usage = Usage(sink)
        with self.assertLogs("keyturn", "WARNING") as logged:
            for _ in range(3):
                usage.count(ADDRESS, "Requests")
                usage.flush()
        self.assertEqual([counts["Requests"] for _, counts in sink.reports], [1, 2, 3])
        self.assertEqual(len(logged.output), 1)

    def test_lines_have_the_embedded_metric_format(self) -> None:
        stream = io.StringIO()
        _Lines(stream).write([(ADDRESS, {"Requests": 2, "AuthFailures": 1})], 1_764_000_000.0)
        self.assertEqual(
            json.loads(stream.getvalue()),
            {
                "_aws": {
                    "Timestamp": 1_764_000_000_000,
                    "CloudWatchMetrics": [
                        {
                            "Namespace": "Keyturn/prod/support-bot",
                            "Dimensions": [["environment", "server", "provider", "purpose"]],
                            "Metrics": [
                                {"Name": "Requests", "Unit": "Count"},
                                {"Name": "AuthFailures", "Unit": "Count"},
                            ],
                        }
                    ],
                },
                "environment": "prod",
                "server": "support-bot",
                "provider": "gitlab",
                "purpose": "main",
                "Requests": 2,
                "AuthFailures": 1,
            },
        )

    def test_the_target_is_where_the_alarms_look(self) -> None:
        in_lambda = {"AWS_LAMBDA_FUNCTION_NAME": "bot"}
        self.assertEqual(default_target({}, "server.py"), "cloudwatch")
        self.assertEqual(default_target(in_lambda, "/var/runtime/bootstrap.py"), "stdout")
        self.assertEqual(default_target(in_lambda, "/opt/awslambdaric/__main__.py"), "stdout")
        self.assertEqual(default_target(in_lambda, "server.py"), "stderr")
        self.assertEqual(default_target({**in_lambda, "KEYTURN_ROLE": "arn"}, "server.py"), "cloudwatch")


class Bounds(unittest.TestCase):
    def test_aws_is_waited_for_so_long_and_no_longer(self) -> None:
        env = {"AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "eu-west-1"}
        env |= {"AWS_ACCESS_KEY_ID": "bot", "AWS_SECRET_ACCESS_KEY": "not-checked"}
        with mock.patch.dict(os.environ, env):
            os.environ.pop("AWS_MAX_ATTEMPTS", None)
            client, _ = _make_client("secretsmanager", 3)
        config = client.meta.config
        self.assertEqual((config.connect_timeout, config.read_timeout), (1, 3))
        # Which makes three attempts, unless AWS_MAX_ATTEMPTS says otherwise.
        self.assertEqual((config.retries, DEFAULT_MAX_ATTEMPTS), ({"mode": "standard"}, 3))


if __name__ == "__main__":
    unittest.main()
