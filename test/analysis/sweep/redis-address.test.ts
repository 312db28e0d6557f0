/** What an address of Redis may be, and that no mistake in one shows what is secret in it. */
import { rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { redisAddress } from "../../../lib/analysis/sweep/backends/redis/address.ts";
import { readSweepFile } from "../../../lib/analysis/sweep/sweep-file.ts";
import { countOf } from "../../../lib/cli/arguments.ts";
import { sweep } from "../../../lib/index.ts";
import type { SweepOptions } from "../../../lib/index.ts";

test.each([
  ["redis://host", { host: "host", port: 6379, db: 0 }, "redis://host"],
  ["redis://:secret@host:7000/2", { port: 7000, db: 2, password: "secret" }, "redis://:***@host:7000/2"],
  ["rediss://me:se%40cret@host:1/0", { username: "me", password: "se@cret", tls: {} }, "rediss://me:***@host:1"],
  ["redis://host:1/?password=secret", { password: "secret" }, "redis://:***@host:1"],
  ["redis://host:1?username=me&password=secret&db=3&family=6", { username: "me", password: "secret", db: 3, family: 6 }, "redis://me:***@host:1/3"],
  ["redis://secret@host:1", { username: "secret", password: undefined }, "redis://***@host:1"],
  ["redis://:secret@[::1]:1", { host: "::1", password: "secret" }, "redis://:***@[::1]:1"],
])("%s is understood whole and shown without its password", (url, meant, shown) => {
  expect(redisAddress(url)).toMatchObject({ ...meant, shown });
});

test.each([
  "http://me:hush@host", "me:hush@host", "redis://me:hush@host:port", "redis:hush", "redis://me:12/hush@host", "redis://me:12?hush@host", "redis://me:12#hush@host",
  "redis://me:hush%zz@host", "redis://host/hush", "redis://host?db=hush", "redis://host?family=hush", "redis://host?hush=1", "redis:///1?password=hush",
])("%s is refused in one line that shows none of it", (url) => {
  expect(() => redisAddress(url)).toThrow(/^(?!.*(hush|me:12))the address of Redis: [^\n]+$/);
});

describe("a mistaken option shows no password", () => {
  const url = "redis://:hush@host:1";
  test.each<[string, unknown]>([
    ["an object", { redis: { url } }], ["parts", { redis: { host: "host", password: "hush" } }], ["a list", { redis: [":hush@host"] }], ["an address as backend", { backend: url }],
    ["an address as number of threads", { threads: url }], ["an address as name", { [url]: 1 }], ["an address as folder of certificates", { redis: "rediss://host", redisCa: url }], ["an object as store", { store: { url } }],
  ])("%s", async (_, options) => {
    const error = (await sweep({ system: "mach26" }, "getpid", options as SweepOptions).catch((thrown: unknown) => thrown)) as Error;
    expect(error).toMatchObject({ name: "InputError" });
    expect(error.message).not.toContain("hush");
  });

  test("on the command line", () => {
    expect(() => countOf("--threads", url)).toThrow('--threads: expected a whole number, at least 1, found "redis://***"');
    expect(() => readSweepFile(url)).toThrow("redis://***: no such file");
  });

  test("in a file", () => {
    const path = join(tmpdir(), `sweep-${process.pid}.json`);
    writeFileSync(path, JSON.stringify({ workload: "getpid", grid: { system: "mach26" }, redis: { password: "hush" } }));
    expect(() => readSweepFile(path)).toThrow(/^redis: expected text such as redis:\/\/user:password@host:6379$/);
    rmSync(path);
  });
});

test("an address that would not count is an error", async () => {
  const run = (options: SweepOptions) => sweep({ system: "mach26" }, "getpid", { store: false, ...options });
  await expect(run({ backend: "threads", redis: "redis://host" })).rejects.toThrow('redis: only counts with backend "redis", found backend "threads"');
  await expect(run({ backend: "serial", redisCa: "/nope" })).rejects.toThrow("redis: only counts with backend");
  await expect(run({ redis: "redis://host", redisCa: "/nope" })).rejects.toThrow("they only count with an address that begins with rediss:");
  await expect(run({ redis: "rediss://host", redisCa: "/nope" })).rejects.toThrow("/nope: no such file of certificates");
});
