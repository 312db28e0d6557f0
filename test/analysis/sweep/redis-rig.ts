/** A real Redis and real workers, to be killed. */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { projectRoot } from "../../../lib/notebook/places.ts";

export const PASSWORD = "hush";

/** Until `condition` holds; what it gives. */
export async function until<T>(condition: () => T | Promise<T>, what: string, withinMs = 60_000): Promise<NonNullable<Awaited<T>>> {
  for (const end = performance.now() + withinMs; performance.now() < end; await setTimeout(20)) {
    const value = await condition();
    if (value) return value as NonNullable<Awaited<T>>;
  }
  throw new Error(`it took more than ${withinMs} ms until ${what}`);
}

/** A redis-server with a password and its data on disk. */
export class RedisServer {
  readonly port: number;
  readonly url: string;
  readonly folder = mkdtempSync(join(tmpdir(), "redis-"));
  #process: ChildProcess | undefined = undefined;

  constructor(port: number) {
    this.port = port;
    this.url = `redis://:${PASSWORD}@127.0.0.1:${port}`;
  }

  async start(...more: string[]): Promise<void> {
    const options = ["--port", String(this.port), "--bind", "127.0.0.1", "--dir", this.folder, "--requirepass", PASSWORD, "--appendonly", "yes", "--save", "", ...more];
    this.#process = spawn("redis-server", options, { stdio: ["ignore", "pipe", "inherit"] });
    let said = "";
    this.#process.stdout!.on("data", (text) => (said += text));
    await until(() => said.includes("Ready to accept connections"), "Redis was ready");
  }

  async kill(): Promise<void> {
    await killed(this.#process);
    this.#process = undefined;
  }

  async end(): Promise<void> {
    await this.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** A process of the command line. */
export class Command {
  readonly process: ChildProcess;
  output = "";

  constructor(...words: string[]) {
    this.process = spawn(process.execPath, ["--import", "tsx", "lib/cli/main.ts", ...words], { cwd: projectRoot, stdio: ["ignore", "pipe", "pipe"] });
    for (const stream of [this.process.stdout!, this.process.stderr!]) stream.on("data", (text) => (this.output += text));
  }

  async says(text: string): Promise<void> {
    await until(() => {
      if (this.process.exitCode !== null) throw new Error(`it ended before it said ${text}: ${this.output}`);
      return this.output.includes(text);
    }, `it said ${text}`);
  }

  kill(): Promise<void> {
    return killed(this.process);
  }
}

/** Kill -9, and wait until it is dead. */
async function killed(child: ChildProcess | undefined): Promise<void> {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGKILL");
  await once(child, "exit");
}
