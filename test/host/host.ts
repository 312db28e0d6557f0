/** The host's side: scripts go to reference.py, traces come back. */
import { spawn } from "node:child_process";
import type { ChildProcessWithoutNullStreams } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Call, Script } from "./script.ts";

/** What a call gave: bytes are in base64, processes go by their numbers. */
export type Outcome = { value: unknown } | { error: string };

/** A call as it was made. */
export interface Event {
  /** Its place in the script; null for the exits that end it. */
  step: number | null;
  process: number;
  call: Call;
  outcome: Outcome;
  /** Places in the trace of the earlier calls that ended because of this one. A call that nobody woke ended at once. */
  woken: number[];
}

/** What is left in the end, by path. */
export type Tree = Record<string, { kind: "directory"; links: number } | { kind: "file"; links: number; size: number; blocks: Record<string, string> }>;

export interface Trace {
  events: Event[];
  tree: Tree;
  /** Whether the host counts a link for each directory in a directory. */
  directoryLinks: boolean;
}

export class Host {
  readonly #python: ChildProcessWithoutNullStreams;
  readonly #answers: AsyncIterator<string>;

  constructor() {
    const directory = mkdtempSync(join(tmpdir(), "kernelized-")); // reference.py removes it
    this.#python = spawn("python3", ["-BES", fileURLToPath(new URL("reference.py", import.meta.url)), directory]);
    this.#answers = createInterface({ input: this.#python.stdout })[Symbol.asyncIterator]();
    this.#python.stderr.pipe(process.stderr);
  }

  /** Run `script` in a fresh directory. */
  async run(script: Script): Promise<Trace> {
    const steps = script.filter((step) => step !== undefined);
    this.#python.stdin.write(`${JSON.stringify({ steps })}\n`);
    const { value, done } = await this.#answers.next();
    if (done === true) throw new Error("reference.py has ended; is there a Python 3?");
    const answer = JSON.parse(value) as Trace | { failure: string };
    if ("failure" in answer) throw new Error(`reference.py: ${answer.failure}`);
    return answer;
  }

  close(): void {
    this.#python.stdin.end();
  }
}
