"""A proxy before the server's socket, which breaks off, or goes silent, at a chosen byte."""
import os
import random
import socket
import threading

# How long a connection may be silent after a flipped byte: libpq may wait for bytes that no server
# sends.
SILENCE_SECONDS = 3

TO_SERVER, TO_CLIENT = 'to-server', 'to-client'
CANCEL = b'\0\0\0\x10\x04\xd2\x16\x2e'


def close(*sockets):
    for each in sockets:
        try:
            each.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        each.close()


class Proxy:
    """Listens in a directory as the server of `host` does in its own. At the byte `offset` of
    `direction` of the connection `number`, from 1 on, it does `action`: cut, half, stall, flip or
    garbage; None: nothing, but `recorded` keeps the conversation. All other connections are passed on
    as they are."""

    def __init__(self, directory, host, number, action=None, direction=None, offset=0):
        self.path = os.path.join(directory, '.s.PGSQL.5432')
        self.server_path = os.path.join(host, '.s.PGSQL.5432')
        self.action, self.direction, self.offset = action, direction, offset
        self.recorded = {TO_SERVER: bytearray(), TO_CLIENT: bytearray()}
        self.fired = threading.Event()
        self.sockets = []
        self.number, self.taken, self.lock = number, 0, threading.Lock()
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(self.path)
        os.chmod(self.path, 0o777)
        self.listener.listen(16)
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(client,), daemon=True).start()

    def serve(self, client):
        first = client.recv(65536)
        if not first:
            # The program begins a connection, and makes it anew.
            client.close()
            return
        server = socket.socket(socket.AF_UNIX)
        self.sockets += [client, server]
        server.connect(self.server_path)
        acts = False
        if not first.startswith(CANCEL):
            with self.lock:
                self.taken += 1
                acts = self.taken == self.number
        threads = [threading.Thread(target=self.pump, daemon=True,
                                    args=(server, client, TO_CLIENT, acts, b'')),
                   threading.Thread(target=self.pump, daemon=True,
                                    args=(client, server, TO_SERVER, acts, first))]
        for thread in threads:
            thread.start()

    def pump(self, source, target, direction, acts, data):
        position = 0
        try:
            while True:
                if not data:
                    data = source.recv(65536)
                if acts and self.fired.is_set() and self.action == 'stall':
                    return
                if not data:
                    break
                if acts and self.action is None:
                    self.recorded[direction] += data
                end = position + len(data)
                if acts and direction == self.direction and position <= self.offset < end and \
                        not self.fired.is_set():
                    data = self.act(source, target, data, self.offset - position)
                    if data is None:
                        return
                target.sendall(data)
                position, data = end, b''
        except (OSError, socket.timeout):
            pass
        close(source, target)

    def act(self, source, target, data, place):
        """Gives what is still to be sent; None: nothing, ever."""
        if self.action == 'flip':
            source.settimeout(SILENCE_SECONDS)
            self.fired.set()
            mask = 1 << random.Random(self.offset).randrange(8)
            return data[:place] + bytes([data[place] ^ mask]) + data[place + 1:]
        target.sendall(data[:place])
        if self.action == 'garbage':
            target.sendall(random.Random(self.offset).randbytes(4096))
        if self.action in ('cut', 'garbage'):
            close(source, target)
        if self.action == 'half':
            target.shutdown(socket.SHUT_WR)
        self.fired.set()
        return None

    def close(self):
        close(self.listener, *self.sockets)
