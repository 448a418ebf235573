"""Frames: three sizes of eight hexadecimal digits (channel, head, body), JSON, bytes."""
import errno
import json
import os


# The longest head that the other side takes (src/python/frame.rs).
MOST_HEAD = 64 * 1024 * 1024
MOST_BODY = 256 * 1024 * 1024


class Gone(Exception):
    """The other side has closed the pipe."""


class TooLong(Exception):
    """What is to be said is longer than the other side takes: nothing of it was written."""


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
    try:
        channel, head, body = (int(sizes[at:at + 8], 16) for at in (0, 8, 16))
    except ValueError:
        raise Gone()
    if not (0 <= head <= MOST_HEAD and 0 <= body <= MOST_BODY):
        raise Gone()
    return channel, sizes, read_exactly(fd, head + body)


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
    if len(head) > MOST_HEAD or len(body) > MOST_BODY:
        raise TooLong('it gave %d MiB, more than %d MiB' % (max(len(head), len(body)) >> 20, MOST_HEAD >> 20))
    write_all(fd, ('%08x%08x%08x' % (channel, len(head), len(body))).encode('ascii') + head + body)
