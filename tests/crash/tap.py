# SPDX-License-Identifier: MIT
"""The output of the crash suites: TAP, and a table at the end."""

import sys

DETAILS_MAX = 30


class Tap:
    def __init__(self):
        self.run = self.failed = 0
        self.rows = []  # of the table: scenario, file systems, points, failures

    def ok(self, good, title, *details):
        self.run += 1
        self.failed += not good
        print(f'{"" if good else "not "}ok {self.run} - {title}'.replace('#', r'\#'))
        lines = [line for detail in details for line in str(detail).split('\n')] if not good else []
        for line in lines[:DETAILS_MAX]:
            print(f'#   {line}')
        if len(lines) > DETAILS_MAX:
            print(f'#   and {len(lines) - DETAILS_MAX} lines more')
        sys.stdout.flush()

    def skip(self, title, reason):
        self.run += 1
        print(f'ok {self.run} - {title} # SKIP {reason}', flush=True)

    def remark(self, text):
        print(f'# {text}')
        sys.stdout.flush()

    def skip_all(self, reason):
        print(f'1..0 # SKIP {reason}')
        sys.exit(0)

    def count(self, scenario, where, tally):
        """Adds what was tried to the table. Several tallies of one scenario are one row."""
        for row in self.rows:
            if row[:2] == [scenario, where]:
                row[2] += tally.points
                row[3] += len(tally.problems)
                return
        self.rows.append([scenario, where, tally.points, len(tally.problems)])

    def table(self):
        if not self.rows:
            return
        rows = [['scenario', 'file systems', 'points', 'failures']] + self.rows
        rows.append(['all', '', sum(row[2] for row in self.rows), sum(row[3] for row in self.rows)])
        widths = [max(len(str(row[i])) for row in rows) for i in range(4)]
        for a, b, c, d in rows:
            self.remark(f'{a:<{widths[0]}}  {b:<{widths[1]}}  {c:>{widths[2]}}  {d:>{widths[3]}}')

    def done(self):
        self.table()
        print(f'1..{self.run}')
        sys.exit(self.failed > 0)


class Tally:
    """The problems of many points."""

    def __init__(self):
        self.points = self.hits = 0
        self.problems = {}  # {point: its problems and the output of the helper}

    def add(self, where, what, problems, output=''):
        found = [f'{what}: {problem}' for problem in told(problems)]
        if found:
            self.problems.setdefault(where, []).extend(found + [output] * bool(output))

    def details(self):
        """The first problem of each point, then all problems of the first point."""
        lines = [f'{where}: {problems[0]}' for where, problems in self.problems.items()]
        return lines[:DETAILS_MAX // 2] + [f'{len(lines)} points have problems; all of the first one:'] + [
            line for problems in list(self.problems.values())[:1] for line in problems]


def told(problems):
    """An error while looking is a problem, too."""
    try:
        yield from problems
    except (OSError, ValueError) as error:
        yield f'{type(error).__name__}: {error}'


def sample(points, n, always=lambda point: False):
    """n of them at even distances, and all points for which always() is true."""
    if n is None or len(points) <= n:
        return points
    chosen = {round(i * (len(points) - 1) / max(n - 1, 1)) for i in range(n)}
    return [point for i, point in enumerate(points) if i in chosen or always(point)]
