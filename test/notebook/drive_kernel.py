"""Drives a kernel as Jupyter does, for the tests.

Reads a list of actions as JSON from standard input and writes what came of each:
the reply and the messages published. Actions:
  {"do": "execute", "code": ..., "stop_on_error": true, "interrupt_after": seconds, "interrupt_at": message type}
  {"do": "execute_all", "codes": [...], "interrupt_after": seconds}   all sent before the first is answered
  {"do": "request", "type": "complete", "arguments": {...}}
"""
import json
import sys
import threading
import time

from jupyter_client.manager import start_new_kernel

TIMEOUT_S = 60


def until_idle(client, request, heard=lambda type: None):
    """The messages published because of `request`, up to its idle status; `heard` is told the type of each."""
    published = []
    while True:
        message = client.get_iopub_msg(timeout=TIMEOUT_S)
        if message["parent_header"].get("msg_id") != request:
            continue
        entry = {"type": message["msg_type"], "content": message["content"]}
        published.append(entry)
        heard(entry["type"])
        if entry["type"] == "status" and entry["content"]["execution_state"] == "idle":
            return published


def reply_to(client, request):
    while True:
        reply = client.get_shell_msg(timeout=TIMEOUT_S)
        if reply["parent_header"].get("msg_id") == request:
            return {"type": reply["msg_type"], "content": reply["content"]}


def execute(manager, client, action):
    request = client.execute(action["code"], stop_on_error=action.get("stop_on_error", True), silent=action.get("silent", False))
    if "interrupt_after" in action:
        threading.Timer(action["interrupt_after"], manager.interrupt_kernel).start()
    published = until_idle(client, request, interrupting(manager, action.get("interrupt_at")))
    return {"published": published, "reply": reply_to(client, request)}


def interrupting(manager, wanted):
    """Interrupts the kernel, once, when it publishes a message of the type."""
    done = []

    def heard(type):
        if type == wanted and not done:
            done.append(type)
            threading.Thread(target=manager.interrupt_kernel).start()

    return heard


def execute_all(manager, client, action):
    requests = [client.execute(code) for code in action["codes"]]
    if "interrupt_after" in action:
        threading.Timer(action["interrupt_after"], manager.interrupt_kernel).start()
    replies = [reply_to(client, request) for request in requests]
    return {"replies": replies}


def request(client, action):
    sent = getattr(client, action["type"])(**action.get("arguments", {}))
    return {"published": until_idle(client, sent), "reply": reply_to(client, sent)}


def main():
    directory, actions = sys.argv[1], json.load(sys.stdin)
    started = time.monotonic()
    manager, client = start_new_kernel(kernel_name="kernelized", cwd=directory, startup_timeout=TIMEOUT_S)
    ready_s = time.monotonic() - started
    results = []
    try:
        for action in actions:
            began = time.monotonic()
            if action["do"] == "execute":
                result = execute(manager, client, action)
            elif action["do"] == "execute_all":
                result = execute_all(manager, client, action)
            else:
                result = request(client, action)
            result["seconds"] = time.monotonic() - began
            results.append(result)
    finally:
        client.stop_channels()
        stopping = time.monotonic()
        manager.shutdown_kernel()
        stop_s = time.monotonic() - stopping
    json.dump({"ready_s": ready_s, "stop_s": stop_s, "results": results}, sys.stdout, default=str)


main()
