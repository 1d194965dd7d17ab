"""Disks: small file systems for outputs, for TMPDIR, for a tablespace and for all of a server's data; a
directory that is read-only, or vanishes."""
import contextlib
import os
import shutil
import subprocess
import time

from starve_database import Database, maintain
from starve_run import Case, SCRATCH
from starve_scenes import SCENES
from starve_server import FullServer

NO_SPACE = r'No space left'
WAITING = """
SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"""

TABLESPACE_KILOBYTES = 24 * 1024


def mount(directory, kilobytes, options=''):
    subprocess.run(['mount', '-t', 'tmpfs', '-o', f'size={kilobytes}k,mode=777{options}', 'tmpfs',
                    directory], check=True)


def unmount(directory):
    subprocess.run(['umount', '--lazy', directory], check=True)


def can_mount():
    if os.geteuid() != 0:
        return False
    directory = os.path.join(SCRATCH, 'mount')
    os.makedirs(directory, exist_ok=True)
    tried = subprocess.run(['mount', '-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', directory],
                           stderr=subprocess.DEVNULL, check=False)
    if tried.returncode == 0:
        unmount(directory)
    return tried.returncode == 0


def small(name, kilobytes, options=''):
    """A file system of so many KiB in the place of out or tmp."""
    @contextlib.contextmanager
    def around(case, directory, database):
        place = os.path.join(directory, name)
        # A size of 0 would be no limit.
        mount(place, max(kilobytes, 4), options)
        try:
            ballast = fill(place, 0) if kilobytes == 0 else None
            yield {'ended': lambda: ballast and os.unlink(ballast)}
        finally:
            unmount(place)
    return around


def fill(directory, free):
    """Leaves so many bytes free. Returns the file to be removed."""
    path = os.path.join(directory, 'ballast')
    space = os.statvfs(directory)
    length = space.f_bavail * space.f_frsize - free
    if length > 0:
        with open(path, 'wb') as file:
            os.posix_fallocate(file.fileno(), 0, length)
    return path


def full_output_cases():
    for kilobytes in range(0, 1300, 4):
        yield Case(f'full-disk/outputs/{kilobytes}', SCENES['large'], {4}, NO_SPACE,
                   around=small('out', kilobytes), follows=kilobytes % 100 == 0)
    for kilobytes in range(0, 160, 4):
        yield Case(f'full-disk/tmpdir/{kilobytes}', SCENES['large-stdin'], {4}, NO_SPACE,
                   around=small('tmp', kilobytes), follows=kilobytes % 100 == 0)
    yield Case('read-only/outputs', SCENES['first'], {4}, 'Read-only file system',
               around=small('out', 64, ',ro'))
    yield Case('read-only/tmpdir', SCENES['stdin'], {4}, 'Read-only file system',
               around=small('tmp', 64, ',ro'))


def removed(name):
    """out or tmp is not there."""
    @contextlib.contextmanager
    def around(case, directory, database):
        place = os.path.join(directory, name)
        os.rmdir(place)
        yield {'ended': lambda: os.makedirs(place, exist_ok=True)}
    return around


@contextlib.contextmanager
def vanishing(case, directory, database):
    """The outputs' directory is removed while the run waits for a lock."""
    place = os.path.join(directory, 'out')
    holder = database.connect()
    holder.autocommit = False
    cursor = holder.cursor()
    cursor.execute('LOCK TABLE orders.orders IN ACCESS EXCLUSIVE MODE')

    def act(process):
        connection = database.connect()
        with connection.cursor() as looking:
            while process.poll() is None:
                looking.execute(WAITING)
                if looking.fetchone()[0] > 0:
                    break
                time.sleep(0.02)
        connection.close()
        shutil.rmtree(place)
        holder.rollback()
        holder.close()
    yield {'act': act, 'ended': lambda: os.makedirs(place, exist_ok=True)}


def directory_cases():
    yield Case('directory-missing/outputs', SCENES['first'], {4}, 'No such file or directory',
               around=removed('out'))
    yield Case('directory-missing/tmpdir', SCENES['stdin'], {4}, 'No such file or directory',
               around=removed('tmp'))
    for name in ('first', 'upsert', 'replace'):
        yield Case(f'directory-vanishes/{name}', SCENES[name], {4}, 'No such file or directory',
                   around=vanishing)


@contextlib.contextmanager
def own_tablespace(name):
    """A small file system with a tablespace of the server."""
    directory = os.path.join(SCRATCH, name)
    os.mkdir(directory)
    mount(directory, TABLESPACE_KILOBYTES, ',uid=postgres')
    place = os.path.join(directory, 'tablespace')
    os.mkdir(place)
    shutil.chown(place, user='postgres')
    maintain(f"CREATE TABLESPACE {name} LOCATION '{place}'")
    try:
        yield directory
    finally:
        maintain(f'DROP DATABASE IF EXISTS {name} WITH (FORCE)', f'DROP TABLESPACE {name}')
        unmount(directory)


def little_space(free):
    """The database is where only so many KiB are free."""
    @contextlib.contextmanager
    def around(case, directory, database):
        ballast = fill(database.directory, free * 1024)

        def ended():
            os.unlink(ballast)
            database.recover()
        yield {'ended': ended}
    return around


class SmallDatabase(Database):
    """A database on a small file system."""

    def __init__(self, name, directory, server=None):
        super().__init__(name, host=server.host if server else None,
                         tablespace=None if server else name)
        self.directory, self.server = directory, server

    def recover(self):
        """A server that could write nothing may have ended."""
        if self.server is not None:
            self.server.start_again()


def server_cases(kind, step):
    for name, last in (('large', 6 * 1024), ('large-new-tables', 8 * 1024)):
        for free in range(0, last, step):
            yield Case(f'{kind}/{name}/{free}', SCENES[name], {3},
                       r'(?i)No space left|not extend|recovery|server|connect', may_leave=True,
                       around=little_space(free), follows=free % 512 == 0)


def cases(database, left_out, wanted):
    yield from directory_cases()
    if not can_mount():
        left_out.append('full-disk/*, read-only/*: a file system cannot be mounted')
        return
    yield from full_output_cases()


class Tablespace:
    """Cases of which each has a tablespace that is nearly full."""

    @staticmethod
    def cases(database, left_out, wanted):
        if not can_mount():
            left_out.append('full-tablespace/*: a file system cannot be mounted')
            return iter(())
        return server_cases('full-tablespace', 16)

    @staticmethod
    @contextlib.contextmanager
    def prepared(databases):
        with contextlib.ExitStack() as stack:
            yield [SmallDatabase(f'starve_tablespace_{i}', stack.enter_context(
                own_tablespace(f'starve_tablespace_{i}'))) for i in range(len(databases))]


class Server:
    """Cases of which each has a server that has all of its data where nearly no space is left."""

    fill_server = None

    @staticmethod
    def cases(database, left_out, wanted):
        if not can_mount():
            left_out.append('full-server/*: a file system cannot be mounted')
            return iter(())
        return server_cases('full-server', 64)

    @staticmethod
    @contextlib.contextmanager
    def prepared(databases):
        directory = os.path.join(SCRATCH, 'full_server')
        os.mkdir(directory)
        mount(directory, 320 * 1024, ',uid=postgres')
        try:
            with FullServer(directory) as server:
                Server.fill_server(server.host)
                yield [SmallDatabase('starve_full', directory, server)]
        finally:
            unmount(directory)
