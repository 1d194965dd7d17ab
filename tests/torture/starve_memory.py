"""Memory: one allocation fails, or all from one on; and a limit on the address space."""
import os
import subprocess

from starve_run import Case, PRELOAD, run, make_directory, remove_directory
from starve_scenes import SCENES

SCENE_NAMES = ('first', 'upsert', 'replace', 'check', 'verify', 'dry-run', 'compressed', 'stdin',
               'schema', 'new-tables', 'reset')

# What there is not enough memory for is told; the manual promises 70.
STATUSES = {70}
REASON = r'(?i)memory'

# The next run is tried after so many cases: what it needs is judged after each.
FOLLOW_STEP = 50


def count_allocations(scene, database):
    """How many allocations a run of the scene makes."""
    case = Case(f'memory/{scene.name}', scene, set(), '')
    directory = make_directory()
    counts = os.path.join(directory, 'counts')
    case.environment = {'LD_PRELOAD': PRELOAD, 'FAIL_COUNTS': counts}
    if scene.start is not None:
        database.make(scene.start)
    outcome = run(case, directory, database, {})
    if outcome.status != scene.status:
        raise RuntimeError(f'{scene.name}: exit status {outcome.status}: {outcome.errors}')
    database.changed()
    with open(counts, encoding='ascii') as file:
        count = int(file.read().split()[0])
    remove_directory(directory)
    if count < 100:
        raise RuntimeError(f'{scene.name}: only {count} allocations were seen')
    return count


def allocation_cases(scene, count):
    for way, variable in (('one', 'FAIL_ALLOCATION'), ('from', 'FAIL_FROM')):
        for n in range(1, count + 1):
            yield Case(f'memory/{scene.name}/{way}/{n}', scene, STATUSES, REASON,
                       environment={'LD_PRELOAD': PRELOAD, variable: str(n)},
                       may_leave=way == 'from', follows=n % FOLLOW_STEP == 0)


def is_instrumented():
    """A sanitizer has an allocator of its own."""
    symbols = subprocess.run(['nm', '--undefined-only', os.environ['TIMELE_LOAD']],
                             stdout=subprocess.PIPE, text=True, check=True).stdout
    return '__asan_init' in symbols


# From where the dynamic loader fails to where nothing is lacking, not even the stacks of threads.
ADDRESS_SPACE = range(16 * 1024, 96 * 1024, 32)


def address_space_cases():
    for name in ('first', 'large', 'check', 'compressed', 'new-tables'):
        scene = SCENES[name]
        for kilobytes in ADDRESS_SPACE:
            yield Case(f'address-space/{scene.name}/{kilobytes}', scene, STATUSES,
                       REASON + '|cannot start a thread', starts=False, may_leave=True,
                       prefix=['prlimit', f'--as={kilobytes * 1024}', '--'])


def cases(database, left_out, wanted):
    if is_instrumented():
        left_out.append('memory/*, address-space/*: the program is built with a sanitizer')
        return
    for name in SCENE_NAMES:
        if wanted(f'memory/{name}/'):
            yield from allocation_cases(SCENES[name], count_allocations(SCENES[name], database))
    yield from address_space_cases()
