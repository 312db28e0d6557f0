/**
 * The process of one notebook: executes its cells and reports to its parent.
 * Layer: notebook.
 */
import { basename, dirname } from "node:path";
import { codeCells, joined, readNotebook } from "./document.ts";
import type { Output } from "./document.ts";
import type { Report } from "./execute.ts";
import { OutputRecorder } from "./output-recorder.ts";
import { Session } from "./session.ts";

const path = process.argv[2]!;
process.chdir(dirname(path));
const sources = codeCells(readNotebook(basename(path))).map(({ source }) => joined(source));
const recorder = new OutputRecorder();
const session = await Session.start(recorder);

const report = (message: Report) => new Promise<void>((resolve) => process.send!(message, () => resolve()));
process.on("disconnect", () => process.exit()); // nobody waits for the outputs any more
process.channel!.unref(); // a cell that awaits what never comes lets the process end
process.on("unhandledRejection", (reason) => process.stderr.write(`unhandled rejection: ${(reason as Error)?.stack ?? reason}\n`));

const outputs: Output[][] = [];
for (const [cell, source] of sources.entries()) {
  await report({ kind: "began", cell });
  outputs.push(recorder.beginCell());
  const outcome = await session.execute(source);
  if (outcome.status === "error") {
    await report({ kind: "ended", outputs, failure: outcome.failure });
    process.exit();
  }
  if (outcome.result !== undefined) recorder.result(outcome.result, cell + 1);
}
await report({ kind: "ended", outputs });
process.exit();
