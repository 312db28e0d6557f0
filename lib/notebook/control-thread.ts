/**
 * The kernel's second thread: keeps the control and heartbeat sockets answering while a cell computes.
 *
 * Layer: notebook. Requests on control go to the main thread, which answers them. A cell
 * that never lets go would keep an interruption waiting for ever; so while the main thread
 * stays silent, what it runs is broken off from here. (Jupyter could send a signal by
 * itself, but to the whole process group, where it ends tsx's compiler as well.)
 */
import { Session } from "node:inspector";
import { parentPort, workerData } from "node:worker_threads";
import { Reply, Router } from "zeromq";
import { Phase } from "./phase.ts";
import { addressOf, decode } from "./wire.ts";
import type { Connection } from "./wire.ts";

/** How long the main thread may be silent before its cell is broken off, and broken off again. */
const PATIENCE_MS = 200;

const { connection, phase } = workerData as { connection: Connection; phase: Int32Array };
const control = new Router();
const heartbeat = new Reply();
const main = parentPort!;
let answers = 0;

await control.bind(addressOf(connection, connection.control_port));
await heartbeat.bind(addressOf(connection, connection.hb_port));
main.on("message", (frames: Uint8Array[] | "close") => {
  if (frames === "close") return close();
  answers++;
  void control.send(frames);
});
main.postMessage("open");
void serveControl();
void echoHeartbeat();

async function serveControl(): Promise<void> {
  for await (const frames of control) {
    main.postMessage(frames);
    const type = decode(frames, connection.key).header.msg_type;
    if (type === "interrupt_request" || type === "shutdown_request") breakOffUnlessAnswered();
  }
}

function breakOffUnlessAnswered(): void {
  const answersBefore = answers;
  const timer = setInterval(() => {
    if (answers > answersBefore) return clearInterval(timer);
    const now = Atomics.load(phase, 0);
    if (now === Phase.Starting) process.kill(process.pid, "SIGINT"); // becomes an exception at the place
    if (now === Phase.Awaiting) endCurrentCallback();
  }, PATIENCE_MS);
}

/** Ends what the main thread runs without an exception: its stack is gone, its event loop goes on. */
function endCurrentCallback(): void {
  const inspector = new Session();
  inspector.connectToMainThread();
  inspector.post("Runtime.terminateExecution", () => inspector.disconnect());
}

async function echoHeartbeat(): Promise<void> {
  for await (const frames of heartbeat) await heartbeat.send(frames);
}

/** Ends the thread: with its sockets and its port closed nothing keeps it. */
function close(): void {
  control.close();
  heartbeat.close();
  main.close();
}
