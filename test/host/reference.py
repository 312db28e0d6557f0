"""The same calls on a real directory of the host, with real processes.

    reference.py DIRECTORY

Each line of standard input is a script, {"steps": [...]}; each line of standard
output the trace of its run: what every call gave, and the tree of files at the end.
See script.ts and host.ts for the shapes. It needs Python 3 on Linux and nothing
else, and removes the directory when its input ends. The processes themselves are in
process.py.

The director forks process 0, which forks the others as the script says. Before each
step it knows which processes wait for a call, and hands the call to one of them, so
that the order is the script's. A call that would block (wait() while all children
live, a pipe that is empty or full) is not made but put off: the process is asleep.
After every call the director asks the sleepers, oldest first, whether they can go
on. A pipe counts as full with PIPE_BYTES in it, as in the simulated systems. Calls
that nobody would ever wake are left out, and the script starts again without them.

Forking is what takes the time, the more the larger the program: hence few imports.
"""
import json
import os
import resource
import select
import signal
import sys

from process import Channel, Process, describe, encoded, failure, ready

PROCESSES = 6  # at most, in one script
DESCRIPTORS = 64  # of one process, NOFILE of 4.3BSD
FIRST_CONTROL = 100  # the ends of the director's pipes lie above the descriptors that a script can have
BLOCK_BYTES = 4096
REPLY_SECONDS = 20
WAKING = {"read", "write", "close", "exit"}  # the calls after which a sleeper may be able to go on


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
        if call["call"] in WAKING:
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
    found = {}
    file = os.open(path, os.O_RDONLY)
    at = 0
    while (at := next_data(file, at)) is not None:
        block = os.pread(file, BLOCK_BYTES, at)
        if block.strip(b"\0"):
            found[at // BLOCK_BYTES] = encoded(block)
        at += BLOCK_BYTES
    os.close(file)
    return found


def next_data(file, at):
    """The first block from `at` on that is not a hole."""
    try:
        at = os.lseek(file, at, os.SEEK_DATA)
    except OSError:  # ENXIO: nothing but holes
        return None
    return at - at % BLOCK_BYTES


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
            left_out.update(stuck)
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
