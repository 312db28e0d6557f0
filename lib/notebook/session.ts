/**
 * A notebook being run: cells go in, outputs come out.
 *
 * Layer: notebook. The kernel and the runner without Jupyter share it, so a notebook
 * has the same outputs in both.
 */
import type { MimeBundle } from "./bundle.ts";
import type { Completeness } from "./compiler-thread.ts";
import { installHost } from "./display.ts";
import { compileFailure, Interruption, thrownFailure } from "./failure.ts";
import type { Failure } from "./failure.ts";
import { OutputQueue } from "./output-queue.ts";
import type { OutputSink } from "./output-queue.ts";
import { newShared, PHASE } from "./phase.ts";
import { richBundle } from "./rich.ts";
import { startInterpreter } from "./tslab.ts";
import type { Completions, Interpreter } from "./tslab.ts";

/** What a cell came to: a value to show (none for a statement or undefined), which is what was done until its reader interrupted it, or a failure. */
export type Outcome = { status: "ok"; result?: MimeBundle; isInterrupted: boolean } | { status: "error"; failure: Failure };

/** A cell that heeds its interruption has so long to end with what is done. */
const GRACE_MS = 2000;

export class Session {
  readonly #interpreter: Interpreter;
  readonly #outputs: OutputQueue;
  #interruption = new AbortController();
  #isHeeded = false;
  #breakOff: NodeJS.Timeout | undefined = undefined;

  private constructor(interpreter: Interpreter, outputs: OutputQueue) {
    this.#interpreter = interpreter;
    this.#outputs = outputs;
  }

  /**
   * Starts to run cells with the imports of the working directory; what they print and show goes to `sink`.
   * @param shared kept up to date with the phase of the running cell.
   */
  static async start(sink: OutputSink, shared = newShared()): Promise<Session> {
    const interpreter = await startInterpreter((phase) => void Atomics.store(shared, PHASE, phase));
    const session = new Session(interpreter, new OutputQueue(sink));
    session.#takeOver();
    return session;
  }

  /** From now on what the process prints and the library displays is an output of a cell. */
  #takeOver(): void {
    const outputs = this.#outputs;
    const interruption = () => this.#interruption.signal;
    installHost({
      show: (bundle, displayId, update) => outputs.show(bundle, displayId, update),
      get interruption() {
        return interruption();
      },
      heed: () => void (this.#isHeeded = true),
    });
    process.stdout.write = captured(outputs, "stdout");
    process.stderr.write = captured(outputs, "stderr");
  }

  /** Runs one cell. What it shows has been drawn and has reached the sink when this returns. */
  async execute(code: string): Promise<Outcome> {
    this.#interruption = new AbortController();
    this.#isHeeded = false;
    try {
      const evaluation = await this.#interpreter.evaluate(code);
      await this.#outputs.settle();
      if (evaluation.kind === "rejected") return { status: "error", failure: compileFailure(code, evaluation.diagnostics) };
      if (evaluation.kind === "thrown") return { status: "error", failure: thrownFailure(evaluation.thrown) };
      const isInterrupted = this.#interruption.signal.aborted;
      if (evaluation.value === undefined || evaluation.value === null) return { status: "ok", isInterrupted };
      return { status: "ok", result: await richBundle(evaluation.value), isInterrupted };
    } catch (error) {
      return { status: "error", failure: thrownFailure(error) };
    } finally {
      clearTimeout(this.#breakOff);
      this.#outputs.flush();
    }
  }

  /**
   * Tells the running cell to stop. One that asked for its interruption may end by itself with what is done; any
   * other, and one that is told twice, is given up. A loop that lets nothing else run has to be broken off from another thread.
   */
  interrupt(): void {
    clearTimeout(this.#breakOff);
    const mayEnd = this.#isHeeded && !this.#interruption.signal.aborted;
    this.#interruption.abort(new Interruption());
    if (mayEnd) this.#breakOff = setTimeout(() => this.#interpreter.interrupt(), GRACE_MS);
    else this.#interpreter.interrupt();
  }

  /** Type and documentation of the name at the UTF-16 offset `position`, or of the call it is in the brackets of. */
  inspect(code: string, position: number): string | undefined {
    const before = code.slice(0, position).search(/[\w$]\W*$/);
    return this.#interpreter.inspect(code, position) ?? (before < 0 ? undefined : this.#interpreter.inspect(code, before));
  }

  complete(code: string, position: number): Completions {
    return this.#interpreter.complete(code, position);
  }

  isComplete(code: string): Completeness {
    return this.#interpreter.isComplete(code);
  }

  async close(): Promise<void> {
    await this.#interpreter.close();
  }
}

function captured(outputs: OutputQueue, name: "stdout" | "stderr"): typeof process.stdout.write {
  return (chunk: string | Uint8Array, encoding?: unknown, done?: unknown) => {
    outputs.print(name, typeof chunk === "string" ? chunk : Buffer.from(chunk).toString("utf8"));
    const callback = typeof encoding === "function" ? encoding : done;
    if (typeof callback === "function") callback();
    return true;
  };
}
