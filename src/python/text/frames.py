"""Frames: three sizes of eight hexadecimal digits (channel, head, body), JSON, bytes."""
import errno
import json
import os


class Gone(Exception):
    """The other side has closed the pipe."""


def read_exactly(fd, count):
    parts = []
    while count:
        try:
            part = os.read(fd, min(count, 1048576))
        except OSError as error:
            if error.errno == errno.EINTR:
                continue
            if error.errno in (errno.ECONNRESET, errno.EPIPE):
                raise Gone()
            raise
        if not part:
            raise Gone()
        parts.append(part)
        count -= len(part)
    return b''.join(parts)


def read_raw(fd):
    """A whole frame as bytes, with its channel."""
    sizes = read_exactly(fd, 24)
    rest = read_exactly(fd, int(sizes[8:16], 16) + int(sizes[16:], 16))
    return int(sizes[:8], 16), sizes, rest


def read(fd):
    channel, sizes, rest = read_raw(fd)
    size = int(sizes[8:16], 16)
    return channel, json.loads(rest[:size].decode('utf-8')), rest[size:]


def write_all(fd, data):
    view = memoryview(data)
    while len(view):
        view = view[os.write(fd, view[:1048576]):]


def write(fd, channel, head, body=b''):
    head = json.dumps(head).encode('utf-8')
    write_all(fd, ('%08x%08x%08x' % (channel, len(head), len(body))).encode('ascii') + head + body)
