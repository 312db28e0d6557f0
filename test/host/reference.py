"""The same calls on a real directory of the host, with real processes.

Each line of standard input is a script, {"steps": [...]}; each line of standard
output the trace of its run: what every call gave, and the tree of files at the end.
See script.ts for the shapes. It needs Python 3 on Linux and nothing else.

The director forks process 0, which forks the others as the script says. Before each
step it knows which processes wait for a call, and hands the call to one of them, so
that the order is the script's. A call that would block (wait() while all children
live, a pipe that is empty or full) is not made but put off: the process is asleep.
After every call the director asks the sleepers, oldest first, whether they can go
on. A pipe counts as full with PIPE_BYTES in it, as in the simulated systems. A call
that nobody would ever wake is left out, and the script starts again without it.
"""
import base64
import errno
import fcntl
import json
import os
import resource
import select
import shutil
import signal
import socket
import stat
import struct
import sys
import tempfile
import termios
import traceback

PROCESSES = 6  # at most, in one script
DESCRIPTORS = 64  # of one process, NOFILE of 4.3BSD
FIRST_CONTROL = 100  # the director's sockets lie above the descriptors that a script can have
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


def send(channel, message):
    channel.sendall(json.dumps(message).encode() + b"\n")


def receive(channel):
    """The next message, or None when the other side is gone."""
    data = bytearray()
    while not data.endswith(b"\n"):
        piece = channel.recv(1 << 16)
        if not piece:
            return None
        data += piece
    return json.loads(data)


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
            message = receive(self.channels[self.index])
            if message is None:
                os._exit(0)
            reply = self.obey(message)
            send(self.channels[self.index], reply)
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
        return base64.b64encode(os.read(fd, count)).decode()

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


def ready(fd, events):
    poll = select.poll()
    poll.register(fd, events)
    return any(seen & events for _, seen in poll.poll(0))


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
        pairs = [socket.socketpair() for _ in range(PROCESSES)]
        self.channels = [ours for ours, _ in pairs]
        for ours in self.channels:
            ours.settimeout(REPLY_SECONDS)
        self.first_pid = os.fork()
        if self.first_pid == 0:
            try:
                self.become_first_process([theirs for _, theirs in pairs])
            finally:
                os._exit(1)
        for _, theirs in pairs:
            theirs.close()

    def become_first_process(self, theirs):
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        os.setpgid(0, 0)
        os.chdir(self.root)
        for index, channel in enumerate(theirs):
            os.dup2(channel.fileno(), FIRST_CONTROL + index)
        for channel in self.channels + theirs:
            channel.detach()
        os.closerange(0, FIRST_CONTROL)
        os.closerange(FIRST_CONTROL + PROCESSES, 2 * FIRST_CONTROL)
        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (DESCRIPTORS, most))
        channels = [socket.socket(socket.AF_UNIX, socket.SOCK_STREAM, 0, FIRST_CONTROL + index) for index in range(PROCESSES)]
        process = Process(channels)
        try:
            process.serve()
        except BaseException:
            send(channels[process.index], {"broken": traceback.format_exc()})

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
        send(self.channels[process], message)
        reply = receive(self.channels[process])
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
            found[at // BLOCK_BYTES] = base64.b64encode(block).decode()
    return found


def run(script, counts_links):
    left_out = set()
    while True:
        root = tempfile.mkdtemp(prefix="kernelized-")
        try:
            director = Director(root, script["steps"], left_out)
            stuck = director.run()
            if not stuck:
                return {"events": director.trace, "tree": tree(root), "directoryLinks": counts_links}
            left_out.add(stuck[0])
        finally:
            shutil.rmtree(root)


def directories_count_links():
    """Whether a directory has a link more for each directory in it; not every host keeps that."""
    with tempfile.TemporaryDirectory(prefix="kernelized-") as root:
        os.mkdir(os.path.join(root, "inner"))
        return os.stat(root).st_nlink == 3


def adopt_orphans():
    """Processes whose parent is gone become our children, so that we can wait for them (Linux)."""
    try:
        import ctypes

        ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER
    except (ImportError, OSError, AttributeError):
        pass  # then init waits for them


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that directories are removed
    adopt_orphans()
    counts_links = directories_count_links()
    for line in sys.stdin:
        try:
            reply = run(json.loads(line), counts_links)
        except Exception:
            reply = {"failure": traceback.format_exc()}
        sys.stdout.write(json.dumps(reply) + "\n")
        sys.stdout.flush()


main()
