/**
 * The process of one notebook: executes the cells that its parent sends and reports to it.
 * Layer: notebook.
 */
import { once } from "node:events";
import type { Output } from "./document.ts";
import type { CellToRun, Report } from "./execute.ts";
import { OutputRecorder } from "./output-recorder.ts";
import { Session } from "./session.ts";

const report = (message: Report) => new Promise<void>((resolve) => process.send!(message, () => resolve()));
const [cells] = (await once(process, "message")) as [CellToRun[]];
process.on("disconnect", () => process.exit()); // nobody waits for the outputs any more
process.channel!.unref(); // a cell that awaits what never comes lets the process end
process.on("unhandledRejection", (reason) => process.stderr.write(`unhandled rejection: ${(reason as Error)?.stack ?? reason}\n`));

const recorder = new OutputRecorder();
const session = await Session.start(recorder);
const outputs: Output[][] = [];
for (const [index, { source, mayFail }] of cells.entries()) {
  await report({ kind: "began", cell: index });
  outputs.push(recorder.beginCell());
  const outcome = await session.execute(source);
  if (outcome.status === "ok") {
    if (outcome.result !== undefined) recorder.result(outcome.result, index + 1);
  } else if (mayFail) {
    recorder.failure(outcome.failure);
  } else {
    await report({ kind: "ended", outputs, failure: outcome.failure });
    process.exit();
  }
}
await report({ kind: "ended", outputs });
process.exit();
