"""A process of a script: makes the calls that the director (reference.py) sends it."""
import errno
import fcntl
import marshal
import os
import select
import stat
import struct
import termios
from binascii import b2a_base64

PIPE_BYTES = 4096  # in a pipe at most; also the most that is written to one at once
SURE = 14  # a descriptor picked by a number below is one that the call can use, if any is

# The bytes that write() writes are taken from this sequence (script.ts has the same):
# x -> 1664525 x + 1013904223 mod 2^32 from x = 1992, the highest byte of each.
PATTERN_BYTES = 1 << 17


def pattern():
    x = 1992
    data = bytearray(PATTERN_BYTES)
    for i in range(PATTERN_BYTES):
        x = (1664525 * x + 1013904223) & 0xFFFFFFFF
        data[i] = x >> 24
    return bytes(data)


PATTERN = pattern()


class Channel:
    """One side of the pair of pipes between the director and a process."""

    def __init__(self, receive_fd, send_fd):
        self.receive_fd = receive_fd
        self.send_fd = send_fd

    def send(self, message):
        data = marshal.dumps(message)
        data = struct.pack("I", len(data)) + data
        while data:
            data = data[os.write(self.send_fd, data) :]

    def receive(self):
        """The next message; None when the other side is gone."""
        size = self.read(4)
        return marshal.loads(self.read(struct.unpack("I", size)[0])) if size else None

    def read(self, count):
        data = b""
        while len(data) < count:
            piece = os.read(self.receive_fd, count - len(data))
            if not piece:
                return None
            data += piece
        return data

    def close(self):
        os.close(self.receive_fd)
        os.close(self.send_fd)


def encoded(data):
    return b2a_base64(data, newline=False).decode()


def failure():
    """The error that is being handled, in words."""
    import traceback

    return traceback.format_exc()


class Left(Exception):
    """The call is not one to compare, and is left out."""


class WouldBlock(Exception):
    """The call would put the process to sleep."""


class Process:
    """A process of the script: makes the calls that the director sends it."""

    def __init__(self, channels):
        self.channels = channels
        self.index = 0
        self.fds = set()
        self.children = {}  # pid: index

    def serve(self):
        while True:
            message = self.channels[self.index].receive()
            if message is None:
                os._exit(0)
            self.channels[self.index].send(self.obey(message))
            if message.get("call") == "exit":
                os._exit(message["status"] & 0xFF)

    def obey(self, message):
        if "dead" in message:  # the director saw this child exit: wait until it can be waited for
            pid = next(pid for pid, index in self.children.items() if index == message["dead"])
            os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
            return {}
        call = dict(message)
        try:
            if "fd" in call:
                call["fd"] = self.descriptor(call["call"], call["fd"])
            outcome = {"value": getattr(self, "do_" + call["call"])(call)}
        except OSError as error:
            outcome = {"error": errno.errorcode[error.errno]}
        except WouldBlock:
            return {"call": call}
        except Left:
            return {}
        return {"call": call, "outcome": outcome}

    def descriptor(self, name, chosen):
        """One of those open, or the very number."""
        if not isinstance(chosen, dict):
            return chosen
        pick = chosen["pick"]
        fds = sorted(self.fds)
        if pick < SURE:
            fds = [fd for fd in fds if name not in USABLE or USABLE[name](fd)] or fds
        return fds[pick % len(fds)] if fds else pick

    def kind(self, fd):
        """The type of what `fd` stands for; 0 if nothing."""
        try:
            return stat.S_IFMT(os.fstat(fd).st_mode)
        except OSError:
            return 0

    def opened(self, fd):
        self.fds.add(fd)
        return fd

    def do_open(self, call):
        options = call["options"]
        flags = {"read": os.O_RDONLY, "write": os.O_WRONLY, "both": os.O_RDWR}[options.get("access", "both")]
        for name, flag in (("create", os.O_CREAT), ("exclusive", os.O_EXCL), ("truncate", os.O_TRUNC), ("append", os.O_APPEND)):
            if options.get(name):
                flags |= flag
        return self.opened(os.open(host_path(call["path"]), flags, 0o666))

    def do_creat(self, call):
        return self.opened(os.open(host_path(call["path"]), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666))

    def do_close(self, call):
        os.close(call["fd"])
        self.fds.discard(call["fd"])

    def do_read(self, call):
        fd, count = call["fd"], call["count"]
        if self.kind(fd) == stat.S_IFIFO and count > 0 and readable(fd) and not ready(fd, select.POLLIN | select.POLLHUP):
            raise WouldBlock
        return encoded(os.read(fd, count))

    def do_write(self, call):
        fd, start, length = call["fd"], call["start"], call["length"]
        if self.kind(fd) == stat.S_IFIFO and length > 0 and writable(fd) and not ready(fd, select.POLLERR):
            if length > PIPE_BYTES:
                raise Left
            if bytes_in_pipe(fd) + length > PIPE_BYTES:
                raise WouldBlock
        return os.write(fd, PATTERN[start : start + length])

    def do_lseek(self, call):
        if self.kind(call["fd"]) == stat.S_IFDIR:
            raise Left  # what it gives depends on how the host keeps directories
        whence = {"set": os.SEEK_SET, "current": os.SEEK_CUR, "end": os.SEEK_END}[call["whence"]]
        return os.lseek(call["fd"], call["offset"], whence)

    def do_fsync(self, call):
        os.fstat(call["fd"])  # os.fsync itself refuses negative numbers, without an errno
        os.fsync(call["fd"])

    def do_ftruncate(self, call):
        os.ftruncate(call["fd"], call["size"])

    def do_unlink(self, call):
        os.unlink(host_path(call["path"]))

    def do_mkdir(self, call):
        os.mkdir(host_path(call["path"]))

    def do_stat(self, call):
        return describe(os.stat(host_path(call["path"])))

    def do_pipe(self, call):
        return [self.opened(fd) for fd in os.pipe2(0)]

    def do_fork(self, call):
        pid = os.fork()
        if pid == 0:
            self.index = call["child"]
            self.children = {}
            self.serve()
        self.children[pid] = call["child"]
        return call["child"]

    def do_exit(self, call):
        for fd in sorted(self.fds):  # now, so that others see it before the next step
            os.close(fd)

    def do_wait(self, call):
        if self.children and os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
            raise WouldBlock
        pid, status = os.wait()
        return {"child": self.children.pop(pid), "status": os.waitstatus_to_exitcode(status)}

    def do_getpid(self, call):
        return self.index


def host_path(path):
    """The path, which begins with a slash or is empty, below the working directory."""
    name = path.lstrip("/")
    return (name or path and ".").encode()


def readable(fd):
    return fcntl.fcntl(fd, fcntl.F_GETFL) & os.O_ACCMODE != os.O_WRONLY


def writable(fd):
    return fcntl.fcntl(fd, fcntl.F_GETFL) & os.O_ACCMODE != os.O_RDONLY


USABLE = {"read": readable, "write": writable}


def ready(fd, events, seconds=0):
    poll = select.poll()
    poll.register(fd, events)
    return any(seen & events for _, seen in poll.poll(1000 * seconds))


def bytes_in_pipe(fd):
    return struct.unpack("i", fcntl.ioctl(fd, termios.FIONREAD, b"\0" * 4))[0]


def describe(status):
    if stat.S_ISDIR(status.st_mode):
        return {"kind": "directory", "links": status.st_nlink}
    return {"kind": "file", "links": status.st_nlink, "size": status.st_size}
