/** Records outputs in the form in which a notebook file keeps them. Layer: notebook. */
import type { MimeBundle } from "./bundle.ts";
import type { Output } from "./document.ts";
import type { Failure } from "./failure.ts";
import type { OutputSink } from "./output-queue.ts";

export class OutputRecorder implements OutputSink {
  #outputs: Output[] = [];
  /** Every output that shows a display, in whatever cell: an update changes them all. */
  readonly #displays = new Map<string, { data: MimeBundle }[]>();

  /** Starts a cell and returns the list that its outputs will be in. */
  beginCell(): Output[] {
    return (this.#outputs = []);
  }

  print(name: "stdout" | "stderr", text: string): void {
    const last = this.#outputs.at(-1);
    if (last?.output_type === "stream" && last.name === name) last.text += text;
    else this.#outputs.push({ output_type: "stream", name, text });
  }

  show(data: MimeBundle, displayId: string, update: boolean): void {
    const shown = this.#displays.get(displayId) ?? [];
    if (update) {
      for (const output of shown) output.data = data;
      return;
    }
    const output = { output_type: "display_data" as const, data, metadata: {} };
    this.#displays.set(displayId, [...shown, output]);
    this.#outputs.push(output);
  }

  /** What went wrong in the cell. */
  failure({ ename, evalue, traceback }: Failure): void {
    this.#outputs.push({ output_type: "error", ename, evalue, traceback });
  }

  /** The value of the cell's last expression. */
  result(data: MimeBundle, executionCount: number): void {
    this.#outputs.push({ output_type: "execute_result", data, metadata: {}, execution_count: executionCount });
  }
}
