"""One run of the program: where it works, what it is given, what came of it."""
import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time

PROGRAM = os.environ['TIMELE_LOAD']
PRELOAD = os.path.join(os.path.dirname(PROGRAM), 'tests', 'fail_allocation.so')
SCRATCH = os.path.join(os.environ['WITH_POSTGRES_DIRECTORY'], 'starve')
INPUT = os.path.join(SCRATCH, 'input')
EARLIER = os.path.join(SCRATCH, 'earlier')

# Longer than the program waits for anything by itself, on a busy machine.
LIMIT_SECONDS = 60


class Case:
    """One run of a scene in which something gives out.

    statuses   what may come of it beside success
    reason     a regular expression, of which the error message must have a match
    may_leave  building schemas may be left, if that is told: what gives out is needed to drop them
    starts     the program itself starts; under a small limit the dynamic loader may fail
    around     a context manager that is entered with (case, directory, database) before the run
               and left when it is judged; what it yields is a dict: more `environment`, or `act`,
               which is called with the process once it runs, or `ended`, which is called once it
               has ended
    """

    def __init__(self, name, scene, statuses, reason, **extra):
        self.name, self.scene, self.statuses, self.reason = name, scene, statuses, reason
        self.environment = extra.get('environment', {})
        self.prefix = extra.get('prefix', [])
        self.options = extra.get('options', [])
        self.around = extra.get('around', nothing_around)
        self.streams = extra.get('streams', {})
        self.starts = extra.get('starts', True)
        self.follows = extra.get('follows', False)
        self.may_leave = extra.get('may_leave', False)
        self.judges_values = extra.get('judges_values', True)

    @property
    def kind(self):
        return '/'.join(self.name.split('/')[:2])


@contextlib.contextmanager
def nothing_around(case, directory, database):
    yield {}


class Outcome:
    def __init__(self, status, output, errors, seconds, hung=False):
        self.status, self.output, self.errors = status, output, errors
        self.seconds, self.hung = seconds, hung

    def name(self):
        if self.hung:
            return 'hangs'
        if self.status < 0:
            return signal.Signals(-self.status).name
        return str(self.status)


def command_of(scene, options):
    paths = [path if path == '-' else os.path.join(INPUT, path) for path in scene.files]
    return [PROGRAM, *scene.options, *options, *paths]


def start(case, directory, environment):
    stdin, feeder = subprocess.DEVNULL, None
    if case.scene.stdin is not None:
        # A pipe, which cannot be read twice.
        feeder = subprocess.Popen(['cat', os.path.join(INPUT, case.scene.stdin)],
                                  stdout=subprocess.PIPE)
        stdin = feeder.stdout
    streams = {name: open(path, 'w') for name, path in case.streams.items()}
    process = subprocess.Popen([*case.prefix, *command_of(case.scene, case.options)],
                               cwd=directory, env=environment, stdin=stdin,
                               stdout=streams.get('stdout', subprocess.PIPE),
                               stderr=streams.get('stderr', subprocess.PIPE))
    for file in streams.values():
        file.close()
    if feeder is not None:
        feeder.stdout.close()
    return process, feeder


def finish(process, began):
    hung = False
    try:
        output, errors = process.communicate(timeout=LIMIT_SECONDS)
    except subprocess.TimeoutExpired:
        hung = True
        process.kill()
        output, errors = process.communicate()
    return Outcome(process.returncode, (output or b'').decode('utf-8', 'replace'),
                   (errors or b'').decode('utf-8', 'replace'), time.monotonic() - began, hung)


def run(case, directory, database, around):
    environment = {**os.environ, **database.environment(), 'TMPDIR': os.path.join(directory, 'tmp'),
                   'LC_ALL': 'C.UTF-8', **case.environment, **around.get('environment', {})}
    began = time.monotonic()
    process, feeder = start(case, directory, environment)
    if 'act' in around:
        around['act'](process)
    outcome = finish(process, began)
    if feeder is not None:
        feeder.wait()
    if 'ended' in around:
        around['ended']()
    return outcome


def make_directory():
    directory = tempfile.mkdtemp(dir=SCRATCH, prefix='case.')
    os.mkdir(os.path.join(directory, 'out'))
    os.mkdir(os.path.join(directory, 'tmp'))
    return directory


def remove_directory(directory):
    shutil.rmtree(directory, ignore_errors=True)


def keep_directory(directory, case, outcome):
    """Where somebody wants to look at it."""
    kept = os.environ.get('STARVE_KEEP')
    if not kept:
        return
    place = os.path.join(kept, case.name.replace('/', '_'))
    shutil.rmtree(place, ignore_errors=True)
    shutil.copytree(directory, place, symlinks=True)
    for name, text in (('stdout', outcome.output), ('stderr', outcome.errors)):
        with open(os.path.join(place, name), 'w', encoding='utf-8') as file:
            file.write(text)
