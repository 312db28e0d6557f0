"""The conformance suite of the Jupyter protocol, jupyter_kernel_test, on this kernel.

Writes one JSON object to standard output: for each test "passed", "skipped: why" or
"failed: how". Tests of our own stand beside those of the suite where it has none.
"""
import json
import sys
import threading
import unittest

import jupyter_kernel_test
from jupyter_kernel_test.msgspec_v5 import validate_message

# The suite waits a tenth of a second for a message that is on its way; a busy machine may need longer.
PATIENCE_S = 30


class KernelizedTests(jupyter_kernel_test.KernelTests):
    kernel_name = "kernelized"
    language_name = "typescript"
    file_extension = ".ts"

    code_hello_world = "console.log('hello, world')"
    code_stderr = "console.error('oops')"
    code_generate_error = "throw new RangeError('too far')"
    code_execute_result = [
        {"code": "6 * 7", "result": "42"},
        {"code": "'text'", "result": "'text'"},
        {"code": "await Promise.resolve([1, 2])", "result": "[ 1, 2 ]"},
        {"code": "[{ system: 'mach3', readKBPerSec: 320 }]", "mime": "text/html"},
    ]
    code_display_data = [
        {"code": "import { display } from \"kernelized\"; display('shown');", "mime": "text/plain"},
        {"code": "display({ 'text/html': '<b>shown</b>', 'text/plain': 'shown' });", "mime": "text/html"},
    ]
    completion_samples = [
        {"text": "'x'.toUpper", "matches": {"toUpperCase"}},
        {"text": "consol", "matches": {"console"}},
    ]
    complete_code_samples = ["1 + 1", "const f = (n: number) => n;", "for (let i = 0; i < 3; i++) {\n}"]
    incomplete_code_samples = ["function g() {", "const list = [1,", "`half a text", "/* half a comment", "1 +"]
    invalid_code_samples = ["const = 3", "1 + * 2", "}"]
    code_inspect_sample = "parseInt"

    def execute_helper(self, *args, **kwargs):
        channel = self.kc.iopub_channel
        get = channel.get_msg
        channel.get_msg = lambda timeout=0: get(timeout=max(timeout, PATIENCE_S))
        try:
            return super().execute_helper(*args, **kwargs)
        finally:
            del channel.get_msg

    def test_pager(self):
        self.skipTest("payloads are deprecated in the protocol, and a cell of TypeScript has no way to ask for a pager")

    def test_history(self):
        self.skipTest("nothing is kept from one session to the next; within one, JupyterLab's console remembers by itself")

    def test_clear_output(self):
        self.skipTest("what changes, such as a progress bar, is updated in place with update_display_data")

    def test_execution_counts(self):
        self.flush_channels()
        counts = [self.execute_helper(code)[0]["content"]["execution_count"] for code in ("1", "throw 1", "2")]
        self.assertEqual(counts, [counts[0], counts[0] + 1, counts[0] + 2])
        reply, outputs = self.execute_helper("3", silent=True)
        self.assertEqual((reply["content"]["execution_count"], outputs), (counts[-1], []))

    def test_traceback(self):
        self.flush_channels()
        reply, (error,) = self.execute_helper("function deep() { throw new RangeError('too far'); }\ndeep()")
        for content in (reply["content"], error["content"]):
            self.assertEqual((content["ename"], content["evalue"]), ("RangeError", "too far"))
            self.assertIn("at deep", "\n".join(content["traceback"]))

    def test_update_display(self):
        self.flush_channels()
        _, outputs = self.execute_helper("import { display } from \"kernelized\"; display('half').update('whole');")
        self.assertEqual([message["msg_type"] for message in outputs], ["display_data", "update_display_data"])
        shown, updated = (message["content"] for message in outputs)
        self.assertEqual(updated["data"]["text/plain"], "whole")
        self.assertEqual(updated["transient"]["display_id"], shown["transient"]["display_id"])

    def test_interrupt(self):
        self.flush_channels()
        request = self.kc.execute("for (;;) {}")
        threading.Timer(1, self.km.interrupt_kernel).start()
        reply = self.get_non_kernel_info_reply(timeout=PATIENCE_S)
        validate_message(reply, "execute_reply", request)
        self.assertEqual((reply["content"]["status"], reply["content"]["ename"]), ("error", "Interrupted"))

    def test_comm_info(self):
        self.flush_channels()
        request = self.kc.comm_info()
        reply = self.get_non_kernel_info_reply(timeout=PATIENCE_S)
        validate_message(reply, "comm_info_reply", request)
        self.assertEqual(reply["content"], {"status": "ok", "comms": {}})


class Recorder(unittest.TestResult):
    """Keeps what became of each test; of one with several samples, the first failure."""

    def __init__(self):
        super().__init__()
        self.became = {}

    def addSuccess(self, test):
        self.became.setdefault(test._testMethodName, "passed")

    def addSkip(self, test, reason):
        self.became[test._testMethodName] = f"skipped: {reason}"

    def addFailure(self, test, err):
        self.became[test._testMethodName] = f"failed: {self._exc_info_to_string(err, test)}"

    addError = addFailure

    def addSubTest(self, test, subtest, err):
        if err is not None:
            self.addFailure(test, err)


recorder = Recorder()
unittest.defaultTestLoader.loadTestsFromTestCase(KernelizedTests).run(recorder)
json.dump(recorder.became, sys.stdout)
