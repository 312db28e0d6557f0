import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { expect, test } from "vitest";
import { LineDiscipline } from "../../lib/unix/line-discipline.ts";

/** What read()s of 100 bytes give of `keys`, and what is echoed. */
function typed(keys: string): { lines: string[]; echo: string } {
  const echoed: number[] = [];
  const discipline = new LineDiscipline((bytes) => void echoed.push(...bytes));
  for (const key of Buffer.from(keys, "latin1")) discipline.receive(key);
  const lines: string[] = [];
  while (discipline.ready) lines.push(Buffer.from(discipline.take(100)).toString("latin1"));
  return { lines, echo: Buffer.from(echoed).toString("latin1") };
}

const key = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(..."ab ~") },
  { weight: 2, arbitrary: fc.constantFrom("\b", "\r", "\n") },
  { weight: 1, arbitrary: fc.constantFrom("\x15", "\x04", "\x01", "\x1b") },
);

test("keys become the lines, and the echo, that the host's own terminals give", () => {
  const scripts = fc.sample(fc.array(key, { maxLength: 40 }), { numRuns: 300, seed: 1992 }).map((keys) => `${keys.join("")}Z`);
  const { stdout, stderr } = spawnSync("python3", ["-BES", fileURLToPath(new URL("../host/terminal.py", import.meta.url))], { input: JSON.stringify(scripts), encoding: "utf8" });
  expect(stderr).toBe("");
  const host = JSON.parse(stdout) as ReturnType<typeof typed>[];
  for (const [i, keys] of scripts.entries()) expect({ keys, ...typed(keys) }).toEqual({ keys, ...host[i] });
});

test("a line that is longer than a read() comes in pieces", () => {
  const discipline = new LineDiscipline(() => {});
  for (const byte of Buffer.from("abcde\nf\n")) discipline.receive(byte);
  expect([2, 2, 2, 9].map((count) => Buffer.from(discipline.take(count)).toString())).toEqual(["ab", "cd", "e\n", "f\n"]);
  expect(discipline.ready).toBe(false);
});
