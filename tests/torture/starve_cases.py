"""Makes the cases, runs those that are wanted, several at a time, and prints what came of them. Run by
tests/torture/starve."""
import collections
import contextlib
import concurrent.futures
import fnmatch
import os
import queue
import random
import signal
import sys
import time

import starve_database
import starve_disk
import starve_limits
import starve_memory
import starve_network
from starve_judge import Reference, files_below, judge
from starve_run import (Case, EARLIER, INPUT, SCRATCH, command_of, keep_directory, make_directory,
                        remove_directory, run)
from starve_scenes import SCENES, Scene, write_files

SHARE = int(os.environ.get('STARVE_SHARE', '300'))
SEED = int(os.environ.get('STARVE_SEED', random.randrange(1 << 30)))
PATTERN = os.environ.get('STARVE_CASE')
LISTS = 'STARVE_LIST' in os.environ
JOBS = int(os.environ.get('STARVE_JOBS', 2 * os.cpu_count()))

# So many of each kind are run, where there are as many, whatever the share is.
LEAST = 5

references = {}


def set_up():
    for directory in (SCRATCH, INPUT, EARLIER):
        os.mkdir(directory)
    write_files(INPUT, EARLIER)
    fill_server(None)


def fill_server(host):
    """Makes the templates of a server."""
    def load(name, *arguments):
        scene = Scene('template', list(arguments), None, [])
        directory = make_directory()
        outcome = run(Case('template', scene, set(), ''), directory,
                      starve_database.Database(f'starve_{name}', host), {})
        if outcome.status != 0:
            sys.exit(f'starve: {command_of(scene, [])}: {outcome.errors}')
        remove_directory(directory)

    starve_database.make_templates(load, host)


def refer(scene, database):
    """Runs a scene while nothing gives out."""
    case = Case(f'reference/{scene.name}', scene, set(), '')
    directory = make_directory()
    state = None
    if scene.start is not None:
        database.make(scene.start)
    outcome = run(case, directory, database, {})
    if outcome.status != scene.status:
        sys.exit(f'starve: {case.name}: exit status {outcome.status}:\n{outcome.errors}')
    if scene.start is not None:
        state = database.state()
        database.changed()
    references[scene.name] = Reference(outcome, state, files_below(directory))
    remove_directory(directory)


def may_be_wanted(prefix):
    """Whether a case whose name starts so may be wanted."""
    if PATTERN is None:
        return True
    literal = PATTERN.split('*')[0].split('?')[0].split('[')[0]
    return literal.startswith(prefix) or prefix.startswith(literal)


def share(cases):
    """Every so many of one kind."""
    step = min(SHARE, max(1, len(cases) // LEAST))
    return cases[SEED % step::step]


def choose(cases):
    """Those that are wanted."""
    if PATTERN is not None:
        return [case for case in cases if fnmatch.fnmatch(case.name, PATTERN)]
    kinds = {}
    for case in cases:
        kinds.setdefault(case.kind, []).append(case)
    return [case for kind in kinds.values() for case in share(kind)]


def execute(case, database):
    """Runs and judges a case. Returns its outcome and its findings."""
    directory = make_directory()
    if case.scene.start is not None:
        database.make(case.scene.start)
    with case.around(case, directory, database) as around:
        outcome = run(case, directory, database, around)
        findings = judge(case, outcome, references[case.scene.name], database, directory)
        if findings:
            database.changed()
            keep_directory(directory, case, outcome)
    remove_directory(directory)
    if case.follows and not findings:
        findings = follow(case, database)
    return outcome, findings


def follow(case, database):
    """The next run works."""
    again = Case(case.name + ' again', case.scene, set(), '')
    directory = make_directory()
    if database.template is None and case.scene.start is not None:
        database.make(case.scene.start)
    outcome = run(again, directory, database, {})
    findings = judge(again, outcome, references[case.scene.name], database, directory)
    remove_directory(directory)
    return [f'the next run: {finding}' for finding in findings]


class Table:
    """What came of the cases, by kind."""

    def __init__(self):
        self.kinds = {}
        self.findings = self.cases = 0

    def add(self, case, outcome, findings):
        row = self.kinds.setdefault(case.kind, {'statuses': collections.Counter(), 'findings': 0,
                                                'slowest': 0.0})
        row['statuses'][outcome.name()] += 1
        row['slowest'] = max(row['slowest'], outcome.seconds)
        self.cases += 1
        if findings:
            row['findings'] += 1
            self.findings += 1
            print(f'FINDING: {case.name}: {"; ".join(findings)}', flush=True)
            for line in outcome.errors.splitlines()[-4:]:
                print(f'    {line}', flush=True)

    def show(self):
        print(f'\n{"starved":28} {"cases":>6} {"findings":>8} {"slowest":>8}'
              '  exit statuses')
        for kind, row in sorted(self.kinds.items()):
            statuses = ', '.join(f'{name}: {count}' for name, count in
                                 sorted(row['statuses'].items()))
            print(f'{kind:28} {sum(row["statuses"].values()):6} {row["findings"]:8} '
                  f'{row["slowest"]:6.1f} s  {statuses}')


def run_all(cases, databases, table):
    free = queue.SimpleQueue()
    for database in databases:
        free.put(database)

    def work(case):
        database = free.get()
        try:
            return case, *execute(case, database)
        finally:
            free.put(database)

    with concurrent.futures.ThreadPoolExecutor(len(databases)) as pool:
        try:
            for done in concurrent.futures.as_completed(
                    [pool.submit(work, case) for case in cases]):
                table.add(*done.result())
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def end(number, _):
    """Ends by a signal. A second one, which Ctrl-C may bring, does not disturb what is cleaned up."""
    for other in (signal.SIGINT, signal.SIGTERM):
        signal.signal(other, lambda *_: None)
    sys.exit(128 + number)


def main():
    began = time.monotonic()
    left_out = []
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, end)
    set_up()
    databases = [starve_database.Database(f'starve_case_{i}') for i in range(JOBS)]
    for scene in SCENES.values():
        refer(scene, databases[0])
    table = Table()
    if PATTERN is None:
        print(f'STARVE_SHARE={SHARE} STARVE_SEED={SEED}', flush=True)
    starve_disk.Server.fill_server = fill_server
    for part in (starve_memory, starve_limits, starve_disk, starve_disk.Tablespace,
                 starve_disk.Server, starve_network):
        chosen = choose(part.cases(databases[0], left_out, may_be_wanted))
        if LISTS:
            for case in chosen:
                print(case.name)
        elif chosen:
            with getattr(part, 'prepared', contextlib.nullcontext)(databases) as prepared:
                run_all(chosen, prepared, table)
    if LISTS:
        return 0
    table.show()
    for text in left_out:
        print(f'left out: {text}')
    print(f'\n{table.cases} cases, {table.findings} findings, '
          f'{len(left_out)} left out, {time.monotonic() - began:.0f} s')
    if table.cases == 0:
        sys.exit('starve: no such case')
    return 1 if table.findings > 0 else 0


if __name__ == '__main__':
    sys.exit(main())
