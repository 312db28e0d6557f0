"""What the host's terminals do with keys: a list of key sequences that end in Z in, for each the lines that read() gives and what is echoed."""

import json
import os
import pty
import sys
import termios
import time


def open_terminal():
    keyboard, line = pty.openpty()
    iflag, oflag, cflag, lflag, ispeed, ospeed, characters = termios.tcgetattr(line)
    iflag = termios.ICRNL
    oflag = termios.OPOST | termios.ONLCR
    lflag = termios.ICANON | termios.ECHO | termios.ECHOE | termios.ECHOK | termios.ECHOCTL
    for place in range(len(characters)):
        characters[place] = b"\0"
    characters[termios.VERASE] = b"\b"
    characters[termios.VKILL] = b"\x15"
    characters[termios.VEOF] = b"\x04"
    termios.tcsetattr(line, termios.TCSANOW, [iflag, oflag, cflag, lflag, ispeed, ospeed, characters])
    os.set_blocking(keyboard, False)
    os.set_blocking(line, False)
    return keyboard, line


def all_of(file, count):
    pieces = []
    while True:
        try:
            pieces.append(os.read(file, count).decode("latin1"))
        except BlockingIOError:
            return pieces


def echo_of(keyboard):
    """The host takes keys in when it comes to it: all have been taken when the last is echoed."""
    echo = ""
    until = time.monotonic() + 20
    while "Z" not in echo and time.monotonic() < until:
        time.sleep(0.0005)
        echo += "".join(all_of(keyboard, 10000))
    return echo


results = []
for keys in json.load(sys.stdin):
    keyboard, line = open_terminal()
    os.write(keyboard, keys.encode("latin1"))
    echo = echo_of(keyboard)
    results.append({"lines": all_of(line, 100), "echo": echo})
    os.close(line)
    os.close(keyboard)
json.dump(results, sys.stdout)
