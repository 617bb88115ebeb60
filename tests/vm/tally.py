# SPDX-License-Identifier: BSD-2-Clause
"""Counts what was tried and what became of it, over all workers.

A test asks for the fixture `tally` and calls tally(area, kind, subject,
outcome); at the end there is a table, and with --reliability=FILE its rows as
JSON.
"""

import collections
import json

import pytest

PROPERTY = "tally"
FIELDS = ("area", "kind", "subject", "outcome")


class Tally:
    """The plugin of the process that collects the reports."""

    def __init__(self):
        self.counts = collections.Counter()

    def pytest_runtest_logreport(self, report):
        """Counts come with the teardown, after the test has ended."""
        if report.when == "teardown":
            for name, value in report.user_properties:
                if name == PROPERTY:
                    self.counts[tuple(value[:-1])] += value[-1]

    def pytest_terminal_summary(self, terminalreporter, config):
        """The table: a line per area and kind, the subjects summed up."""
        if not self.counts:
            return
        sums = collections.defaultdict(collections.Counter)
        for (area, kind, _, outcome), count in self.counts.items():
            sums[area, kind][outcome] += count
        terminalreporter.section("what was tried")
        for (area, kind), outcomes in sorted(sums.items()):
            told = ", ".join(f"{count} {outcome}" for outcome, count
                             in sorted(outcomes.items()))
            terminalreporter.write_line(
                f"{area:10} {kind:12} {outcomes.total():6}: {told}")
        file = config.getoption("--reliability")
        if file:
            rows = [{**dict(zip(FIELDS, key)), "count": count}
                    for key, count in sorted(self.counts.items())]
            with open(file, "w", encoding="utf-8") as stream:
                json.dump({"rows": rows}, stream, indent=1)
                stream.write("\n")


def add_options(parser):
    """The options of these tests."""
    parser.addoption("--reliability", metavar="FILE",
                     help="write what was tried, and what became of it, "
                     "to FILE as JSON")
    parser.addoption("--seed", type=int, default=1,
                     help="what is left to chance depends on it")
    parser.addoption("--long", action="store_true",
                     help="try every packet and many more signals and "
                     "attaches, not a sample of them")
    parser.addoption("--share", type=float, default=100,
                     help="of that, only so many in a hundred")


def how_many(config, short, long):
    """How often a test tries something: SHORT, or a share of LONG."""
    if not config.getoption("--long"):
        return short
    return max(short, round(long * config.getoption("--share") / 100))


def mark_counting(items):
    """-m counting selects the tests that count."""
    for item in items:
        if "tally" in item.fixturenames:
            item.add_marker(pytest.mark.counting)


@pytest.fixture
def tally(request):
    """tally(area, kind, subject, outcome): one more of these."""
    counts = collections.Counter()

    def count(*fields):
        assert len(fields) == len(FIELDS)
        counts[fields] += 1

    yield count
    request.node.user_properties.extend(
        (PROPERTY, [*fields, number]) for fields, number in counts.items())
