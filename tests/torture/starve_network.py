"""The network: a proxy that cuts, half-closes, goes silent, flips a byte or sends garbage at a chosen
byte of the conversation."""
import contextlib
import os
import random
import signal

from starve_database import Database
from starve_proxy import Proxy, TO_CLIENT, TO_SERVER
from starve_run import Case, make_directory, remove_directory, run
from starve_scenes import SCENES

REASON = r'(?i)server|connect|message type|in "." message'

# Of these many bytes of each direction one is chosen between two messages.
RANDOM_STEP = 400

# So many stalls at a time: they wait, and do nothing else.
STALLS = 24


# A run over several connections: which of them, in the order in which they are made, is broken.
CONNECTIONS = (('first', 1), ('upsert', 1), ('verify', 1), ('new-tables', 1), ('new-tables', 2),
               ('new-tables', 3))


@contextlib.contextmanager
def proxied(directory, database, number, *action):
    place = os.path.join(directory, 'socket')
    os.mkdir(place)
    proxy = Proxy(place, database.host, number, *action)
    try:
        yield proxy, {'PGHOST': place}
    finally:
        proxy.close()


def around_break(number, action, direction, offset):
    @contextlib.contextmanager
    def around(case, directory, database):
        with proxied(directory, database, number, action, direction,
                     offset) as (proxy, environment):
            yield {'environment': environment, 'ended': proxy.close}
    return around


def around_stall(number, direction, offset, signals):
    """The program is asked to end once the network is silent."""
    @contextlib.contextmanager
    def around(case, directory, database):
        with proxied(directory, database, number, 'stall', direction,
                     offset) as (proxy, environment):
            def act(process):
                while not proxy.fired.wait(0.05) and process.poll() is None:
                    pass
                if signals and process.poll() is None:
                    process.send_signal(signal.SIGTERM)
            yield {'environment': environment, 'act': act, 'ended': proxy.close}
    return around


def message_starts(conversation, direction):
    """Where messages begin; the client's first one has no type."""
    position = 0
    if direction == TO_SERVER:
        position = int.from_bytes(conversation[:4], 'big')
        yield 0
    while position + 5 <= len(conversation):
        yield position
        position += 1 + int.from_bytes(conversation[position + 1:position + 5], 'big')


def record(scene, number, database):
    """{DIRECTION: (BOUNDARIES, OTHER OFFSETS)} of a connection of a run of the scene."""
    case = Case(f'network/{scene.name}', scene, set(), '')
    directory = make_directory()
    database.make(scene.start)
    with proxied(directory, database, number) as (proxy, environment):
        outcome = run(case, directory, database, {'environment': environment})
    database.changed()
    remove_directory(directory)
    if outcome.status != scene.status:
        raise RuntimeError(f'{scene.name} by the proxy: {outcome.errors}')
    offsets = {}
    for direction, conversation in proxy.recorded.items():
        starts = list(message_starts(conversation, direction))
        chance = random.Random(1)
        inside = {start + step for start in starts for step in (1, 4)}
        inside |= {chance.randrange(len(conversation))
                   for _ in range(len(conversation) // RANDOM_STEP)}
        offsets[direction] = (starts, sorted(inside - set(starts)))
    return offsets


def name_of(scene, number):
    return scene.name if number == 1 else f'{scene.name}.{number}'


def break_cases(scene, number, offsets):
    for action in ('cut', 'half', 'garbage', 'flip'):
        for direction in (TO_CLIENT, TO_SERVER):
            # Rows with other values than were sent are loaded as they come.
            if direction == TO_SERVER and action in ('garbage', 'flip'):
                continue
            starts, inside = offsets[direction]
            for offset in sorted(starts + inside):
                # A flipped bit may make any sense: another value, a column that is not there, an
                # answer to another question.
                flips = action == 'flip'
                yield Case(f'network-{action}/{name_of(scene, number)}/{direction}/{offset}', scene,
                           {2, 3, 5, 6, 70} if flips else {3}, '.' if flips else REASON,
                           around=around_break(number, action, direction, offset),
                           judges_values=not flips, follows=offset % 50 == 0)


def stall_cases(scene, number, offsets):
    name = name_of(scene, number)
    for direction in (TO_CLIENT, TO_SERVER):
        starts, inside = offsets[direction]
        for offset in starts + inside[::3]:
            # The server keeps a silent connection, and the run lock with it.
            yield Case(f'network-stall/{name}/{direction}/{offset}', scene, {143, 3},
                       r'terminated|server|connect', may_leave=True,
                       around=around_stall(number, direction, offset, True))
    if number > 1:
        return
    # A connection that is not there yet has a limit of its own.
    starts, _ = offsets[TO_CLIENT]
    for offset in starts[:15]:
        yield Case(f'network-connect/{scene.name}/{offset}', scene, {3}, r'timeout expired',
                   options=['--dbname=connect_timeout=2'],
                   around=around_stall(number, TO_CLIENT, offset, False))


@contextlib.contextmanager
def prepared(databases):
    more = [Database(f'starve_network_{i}') for i in range(STALLS)]
    yield [*databases, *more]


def cases(database, left_out, wanted):
    for name, number in CONNECTIONS:
        scene = SCENES[name]
        if not any(wanted(f'network-{action}/{name_of(scene, number)}/') for action in (
                'cut', 'half', 'garbage', 'flip', 'stall', 'connect')):
            continue
        offsets = record(scene, number, database)
        yield from break_cases(scene, number, offsets)
        yield from stall_cases(scene, number, offsets)
