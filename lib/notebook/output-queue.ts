/**
 * Brings outputs to their reader in order and in portions.
 *
 * Layer: notebook. What a cell prints is gathered for a moment, for a message a line
 * would drown the reader. A figure that is still being drawn holds back what comes
 * after it.
 */
import type { MimeBundle } from "./bundle.ts";

/** Where outputs go: the messages of the kernel, or the outputs of a cell in a file. */
export interface OutputSink {
  print(name: "stdout" | "stderr", text: string): void;
  show(bundle: MimeBundle, displayId: string, update: boolean): void;
}

const GATHER_MS = 50;
const GATHER_CHARACTERS = 32_768;

export class OutputQueue {
  readonly #sink: OutputSink;
  #gathered = "";
  #gatheredFrom: "stdout" | "stderr" = "stdout";
  #gatheredSinceMs = 0;
  #timer: NodeJS.Timeout | undefined;
  /** What waits for a drawing to end, and the work of passing it on. */
  readonly #backlog: (() => void | Promise<void>)[] = [];
  #work: Promise<void> | undefined;
  #failure: { reason: unknown } | undefined;

  constructor(sink: OutputSink) {
    this.#sink = sink;
  }

  print(name: "stdout" | "stderr", text: string): void {
    this.#inTurn(() => this.#gather(name, text));
  }

  show(bundle: MimeBundle | Promise<MimeBundle>, displayId: string, update: boolean): void {
    const shown = (drawn: MimeBundle) => {
      this.flush();
      this.#sink.show(drawn, displayId, update);
    };
    if (!(bundle instanceof Promise)) return this.#inTurn(() => shown(bundle));
    bundle.catch(() => {}); // a failure is met again when its turn comes
    this.#later(async () => shown(await bundle));
  }

  /** Passes on what has been printed so far. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const text = this.#gathered;
    this.#gathered = "";
    if (text !== "") this.#sink.print(this.#gatheredFrom, text);
  }

  /** Ends when everything has been passed on; throws what went wrong with drawing. */
  async settle(): Promise<void> {
    while (this.#work !== undefined) await this.#work;
    this.flush();
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure !== undefined) throw failure.reason;
  }

  #gather(name: "stdout" | "stderr", text: string): void {
    if (name !== this.#gatheredFrom) this.flush();
    if (this.#gathered === "") this.#gatheredSinceMs = performance.now();
    this.#gatheredFrom = name;
    this.#gathered += text;
    // A loop that never lets timers run must still be seen to print.
    const isDue = this.#gathered.length > GATHER_CHARACTERS || performance.now() - this.#gatheredSinceMs > GATHER_MS;
    if (isDue) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), GATHER_MS);
  }

  /** Does `action` at once, or after what is already waiting. */
  #inTurn(action: () => void): void {
    if (this.#work === undefined) action();
    else this.#later(action);
  }

  #later(action: () => void | Promise<void>): void {
    this.#backlog.push(action);
    this.#work ??= this.#passOn();
  }

  async #passOn(): Promise<void> {
    for (let action = this.#backlog.shift(); action !== undefined; action = this.#backlog.shift()) {
      try {
        await action();
      } catch (reason) {
        this.#failure ??= { reason };
      }
    }
    this.#work = undefined;
  }
}
