"""A server of its own, all of whose data is in one directory."""
import os
import pwd
import shutil
import subprocess
import time

import psycopg2

SETTINGS = """
listen_addresses = ''
port = 5432
unix_socket_directories = '{directory}'
shared_buffers = 16MB
max_wal_size = 32MB
min_wal_size = 2MB
wal_level = replica
autovacuum = off
dynamic_shared_memory_type = mmap
"""


def as_server_user(*command):
    if os.geteuid() != 0:
        return list(command)
    name = 'postgres'
    return ['setpriv', '--reuid', name, '--regid', str(pwd.getpwnam(name).pw_gid), '--init-groups',
            '--', *command]


class FullServer:
    """Started when it is entered; start_again brings it back when it has ended, or recovers."""

    def __init__(self, directory):
        self.host = directory
        self.data = os.path.join(directory, 'data')

    def run(self, *command):
        subprocess.run(as_server_user(*command), cwd=self.host, check=True,
                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)

    def __enter__(self):
        self.run('initdb', f'--pgdata={self.data}', '--username=postgres', '--auth=trust',
                 '--encoding=UTF8', '--locale=C.UTF-8', '--no-sync', '--wal-segsize=1')
        with open(os.path.join(self.data, 'postgresql.conf'), 'a', encoding='utf-8') as file:
            file.write(SETTINGS.format(directory=self.host))
        self.start()
        return self

    def start(self):
        self.run('pg_ctl', 'start', f'--pgdata={self.data}', '--wait', '--silent',
                 '--log=/dev/null')

    def answers(self):
        try:
            psycopg2.connect(dbname='postgres', host=self.host, connect_timeout=5).close()
            return True
        except psycopg2.OperationalError:
            return False

    def start_again(self):
        deadline = time.monotonic() + 60
        while not self.answers():
            if time.monotonic() > deadline:
                raise RuntimeError('the server with little space does not come back')
            ended = subprocess.run(
                as_server_user('pg_ctl', 'status', f'--pgdata={self.data}'), cwd=self.host,
                check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 3
            if ended:
                subprocess.run(as_server_user('pg_ctl', 'start', f'--pgdata={self.data}', '--wait',
                                              '--silent', '--log=/dev/null'), cwd=self.host,
                               check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(0.1)

    def __exit__(self, *failure):
        self.run('pg_ctl', 'stop', f'--pgdata={self.data}', '--mode=immediate', '--silent')
