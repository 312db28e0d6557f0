"""The same calls on a real directory of the host, with real processes.

    reference.py DIRECTORY

Each line of standard input is a script, {"steps": [...]}; each line of standard
output the trace of its run: what every call gave, and the tree of files at the end.
See script.ts and host.ts for the shapes. It needs Python 3 on Linux and nothing
else, and removes the directory when its input ends.

The director forks process 0, which forks the others as the script says. Before each
step it knows which processes wait for a call, and hands the call to one of them, so
that the order is the script's. A call that would block (wait() while all children
live, a pipe that is empty or full) is not made but put off: the process is asleep.
After every call the director asks the sleepers, oldest first, whether they can go
on. A pipe counts as full with PIPE_BYTES in it, as in the simulated systems. A call
that nobody would ever wake is left out, and the script starts again without it.

Forking is what takes the time, the more the larger the program: hence few imports.
"""
import errno
import fcntl
import json
import marshal
import os
import resource
import select
import signal
import stat
import struct
import sys
import termios
from binascii import b2a_base64

PROCESSES = 6  # at most, in one script
DESCRIPTORS = 64  # of one process, NOFILE of 4.3BSD
FIRST_CONTROL = 100  # the ends of the director's pipes lie above the descriptors that a script can have
PIPE_BYTES = 4096  # in a pipe at most; also the most that is written to one at once
BLOCK_BYTES = 4096
REPLY_SECONDS = 20

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
                call["fd"] = self.descriptor(call["fd"])
            outcome = {"value": getattr(self, "do_" + call["call"])(call)}
        except OSError as error:
            outcome = {"error": errno.errorcode[error.errno]}
        except WouldBlock:
            return {"call": call}
        except Left:
            return {}
        return {"call": call, "outcome": outcome}

    def descriptor(self, chosen):
        """One of those open, or the very number."""
        if not isinstance(chosen, dict):
            return chosen
        fds = sorted(self.fds)
        return fds[chosen["pick"] % len(fds)] if fds else chosen["pick"]

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


class Director:
    """Runs one script in the directory `root`."""

    def __init__(self, root, steps, left_out):
        self.root = root
        self.steps = steps
        self.left_out = left_out
        self.trace = []
        self.awake = [0]  # processes that wait for a call
        self.asleep = []  # (process, index in the trace), oldest first
        self.parents = {0: None}
        self.channels = []
        self.first_pid = 0

    def run(self):
        """Make all calls; the steps at which processes fell asleep for ever."""
        self.start()
        try:
            for number, step in enumerate(self.steps):
                if self.awake and number not in self.left_out:
                    self.make(number, self.awake[step["process"] % len(self.awake)], step["call"])
            while self.awake:
                self.make(None, self.awake[0], {"call": "exit", "status": 0})
            return [self.trace[at]["step"] for _, at in self.asleep]
        finally:
            self.stop()

    def start(self):
        theirs = []
        for _ in range(PROCESSES):
            (they_receive, we_send), (we_receive, they_send) = os.pipe(), os.pipe()
            self.channels.append(Channel(we_receive, we_send))
            theirs.append(Channel(they_receive, they_send))
        self.first_pid = os.fork()
        if self.first_pid == 0:
            try:
                self.become_first_process(theirs)
            finally:
                os._exit(1)
        for channel in theirs:
            channel.close()

    def become_first_process(self, theirs):
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        os.setpgid(0, 0)
        os.chdir(self.root)
        for index, channel in enumerate(theirs):
            at = FIRST_CONTROL + 2 * index
            theirs[index] = Channel(os.dup2(channel.receive_fd, at), os.dup2(channel.send_fd, at + 1))
        os.closerange(0, FIRST_CONTROL)
        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (DESCRIPTORS, most))
        process = Process(theirs)
        try:
            process.serve()
        except BaseException:
            theirs[process.index].send({"broken": failure()})

    def stop(self):
        """Nothing of the script goes on after this."""
        for channel in self.channels:
            channel.close()
        try:
            os.killpg(self.first_pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        try:
            while True:
                os.waitpid(-1, 0)  # orphans too, where the host hands them to us
        except ChildProcessError:
            pass

    def ask(self, process, message):
        channel = self.channels[process]
        channel.send(message)
        if not ready(channel.receive_fd, select.POLLIN | select.POLLHUP, REPLY_SECONDS):
            raise RuntimeError(f"process {process}: {message} does not end")
        reply = channel.receive()
        if reply is None or "broken" in reply:
            raise RuntimeError(f"process {process}: {reply['broken'] if reply else 'gone'}")
        return reply

    def make(self, number, process, call):
        """One step, and all that it wakes."""
        if call["call"] == "fork":
            if len(self.parents) == PROCESSES:
                return
            call = {"call": "fork", "child": len(self.parents)}
        reply = self.ask(process, call)
        if "call" not in reply:
            return
        event = {"step": number, "process": process, "call": reply["call"], "woken": []}
        self.trace.append(event)
        if "outcome" not in reply:
            self.awake.remove(process)
            self.asleep.append((process, len(self.trace) - 1))
            return
        event["outcome"] = reply["outcome"]
        if call["call"] == "fork":
            self.parents[call["child"]] = process
            self.awake.append(call["child"])
        elif call["call"] == "exit":
            self.exited(process)
        self.wake(event)

    def exited(self, process):
        self.awake.remove(process)
        parent = self.parents.pop(process)
        self.parents = {child: None if of == process else of for child, of in self.parents.items()}
        self.parents[process] = None  # its number is not given again
        if parent is not None:
            self.ask(parent, {"dead": process})

    def wake(self, event):
        """Let those go on who can; each may enable another."""
        woken = True
        while woken:
            woken = False
            for sleeper in list(self.asleep):
                process, at = sleeper
                reply = self.ask(process, self.trace[at]["call"])
                if "outcome" in reply:
                    self.trace[at]["outcome"] = reply["outcome"]
                    event["woken"].append(at)
                    self.asleep.remove(sleeper)
                    self.awake.append(process)
                    self.awake.sort()
                    woken = True


def tree(root):
    """Everything below `root`: files with their blocks that are not all zeros."""
    entries = {}
    for folder, directories, files in os.walk(os.fsencode(root)):
        for name in directories + files:
            path = os.path.join(folder, name)
            entry = describe(os.stat(path))
            if entry["kind"] == "file":
                entry["blocks"] = blocks(path)
            entries[path[len(os.fsencode(root)) :].decode()] = entry
    return entries


def blocks(path):
    with open(path, "rb") as file:
        data = file.read()
    zeros = bytes(BLOCK_BYTES)
    found = {}
    for at in range(0, len(data), BLOCK_BYTES):
        block = data[at : at + BLOCK_BYTES]
        if block != zeros[: len(block)]:
            found[at // BLOCK_BYTES] = encoded(block)
    return found


def remove(root):
    for folder, directories, files in os.walk(root, topdown=False):
        for name in files:
            os.unlink(os.path.join(folder, name))
        for name in directories:
            os.rmdir(os.path.join(folder, name))
    os.rmdir(root)


def run(script, root):
    left_out = set()
    while True:
        os.mkdir(root)
        try:
            director = Director(root, script["steps"], left_out)
            stuck = director.run()
            if not stuck:
                return {"events": director.trace, "tree": tree(root)}
            left_out.add(stuck[0])
        finally:
            remove(root)


def directories_count_links(root):
    """Whether a directory has a link more for each directory in it; not every host keeps that."""
    os.makedirs(os.path.join(root, "inner"))
    links = os.stat(root).st_nlink
    remove(root)
    return links == 3


def adopt_orphans():
    """Processes whose parent is gone become our children, so that they can be waited for; then start anew, without what that took."""
    import ctypes

    ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER, which outlives exec
    os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:], "adopting"])


def main():
    if len(sys.argv) == 2:
        adopt_orphans()
    directory = sys.argv[1]
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that the directory is removed
    try:
        root = os.path.join(directory, "root")
        links = directories_count_links(root)
        for line in sys.stdin:
            try:
                reply = {**run(json.loads(line), root), "directoryLinks": links}
            except Exception:
                reply = {"failure": failure()}
            sys.stdout.write(json.dumps(reply) + "\n")
            sys.stdout.flush()
    finally:
        remove(directory)


main()
