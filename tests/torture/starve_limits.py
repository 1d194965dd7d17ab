"""Limits of the process: on open files and on the size of a file; the server's limit on connections; and
outputs that take nothing."""
import contextlib

from starve_database import maintain
from starve_run import Case
from starve_scenes import SCENES


def open_files_cases():
    for name in ('first', 'upsert', 'check', 'compressed', 'stdin', 'verify', 'new-tables'):
        for files in range(3, 41):
            yield Case(f'open-files/{name}/{files}', SCENES[name], {3, 4, 70},
                       r'Too many open files', prefix=['prlimit', f'--nofile={files}', '--'],
                       starts=False, follows=True)


def file_size_cases():
    for name, last in (('large', 1200), ('large-stdin', 160), ('first', 8)):
        for kilobytes in range(0, last):
            yield Case(f'file-size/{name}/{kilobytes}', SCENES[name], {4}, r'File too large',
                       prefix=['prlimit', f'--fsize={kilobytes * 1024}', '--'],
                       follows=kilobytes % 50 == 0)


def full_device_cases():
    scene = SCENES['first']
    yield Case('full-device/first/report', scene, {4}, r'No space left', options=['--report=/dev/full'])
    yield Case('full-device/first/id-map', scene, {4}, r'not a regular file',
               options=['--id-map=/dev/full'])
    yield Case('full-device/first/rejects', scene, {4}, r'Not a directory|not a directory',
               options=['--rejects=/dev/full'])
    for name in ('first', 'check', 'verify', 'dry-run'):
        for streams in (('stdout',), ('stderr',), ('stdout', 'stderr')):
            yield Case(f'full-device/{name}/{"-".join(streams)}', SCENES[name], set(), '',
                       streams={stream: '/dev/full' for stream in streams})


def around_few_connections(count):
    """The program is a role that may have so many connections, and the database is its own."""
    @contextlib.contextmanager
    def around(case, directory, database):
        role = f'{database.name}_owner'
        maintain(f'CREATE ROLE {role} LOGIN CONNECTION LIMIT {count}',
                 f'ALTER DATABASE {database.name} OWNER TO {role}')
        try:
            yield {'environment': {'PGUSER': role}}
        finally:
            maintain(f'ALTER DATABASE {database.name} OWNER TO CURRENT_USER',
                     f'DROP DATABASE {database.name} WITH (FORCE)', f'DROP ROLE {role}')
            database.changed()
    return around


def connection_limit_cases():
    """Fewer connections than are wanted are no failure."""
    for count in range(1, 5):
        yield Case(f'connection-limit/new-tables/{count}', SCENES['new-tables'], set(), '',
                   around=around_few_connections(count))


def cases(database, left_out, wanted):
    yield from open_files_cases()
    yield from file_size_cases()
    yield from full_device_cases()
    yield from connection_limit_cases()
