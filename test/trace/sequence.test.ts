/** System calls as arrows, beside the arrows that the paper draws and describes. */
import { describe, expect, test } from "vitest";
import { boot, systemNames } from "../../lib/systems/boot.ts";
import { mermaid, scene, sceneNames, sequence, trace } from "../../lib/trace/index.ts";
import type { Sequence, SequenceStep } from "../../lib/trace/index.ts";

const PAGE = 4096;

/** A step as the tests write it: "from > to: label", or what happens in a lane. */
const written = ({ kind, from, to, label }: SequenceStep): string => (kind === "note" || kind === "data" ? `${to}: ${label}` : `${from} > ${to}: ${label}`);

/** Expects steps that contain these texts, in this order, with others between them. */
function expectInOrder({ steps }: Sequence, expected: readonly string[]): void {
  const all = steps.map(written);
  let at = 0;
  for (const text of expected) {
    const found = all.findIndex((step, i) => i >= at && step.includes(text));
    expect(found, `"${text}" after step ${at} of\n${all.join("\n")}`).toBeGreaterThanOrEqual(0);
    at = found + 1;
  }
}

describe("Mach 3.0", () => {
  test("a system call goes as in figure 3-1: trap, redirection to the Emulation Library, a message to the server and back", () => {
    const stat = scene("mach3", "stat").sequence;
    expect(stat.steps.filter(({ number }) => number !== undefined).map(written)).toEqual([
      "user process > kernel: Trap to Unix",
      "kernel > Emulation Library: System call stat",
      "Emulation Library > BSD4.3 server: unix_call",
      "BSD4.3 server > Emulation Library: unix_call_reply",
      "Emulation Library > user process: ",
    ]);
    expect(stat.lanes.map(({ name, band }) => `${name} in ${band}`)).toEqual(["user process in user space", "Emulation Library in user space", "BSD4.3 server in user space", "kernel in kernel space"]);
  });

  const figure41 = (provided: string, moved: string) => [
    "user process > kernel: Trap to Unix",
    "kernel > Emulation Library: System call read",
    "Emulation Library: Misc Costs, share lock",
    "Emulation Library > kernel: Pagefault",
    "kernel > BSD4.3 server: memory_object_data_request",
    "BSD4.3 server > kernel: device_read",
    "kernel > disk: disk read",
    "disk: programmed I/O: disk → device read",
    "disk > kernel: interrupt",
    "kernel > BSD4.3 server: device_reply",
    `BSD4.3 server > kernel: ${provided}`,
    `kernel: ${moved}`,
    "kernel: map: memory object → process",
    "Emulation Library: copy: memory object → memory of process",
    "Emulation Library > user process: ",
  ];

  test("a mapped file is read as in figure 4-1; data_provided copies in the kernel", () => {
    expectInOrder(scene("mach3", "read from disk").sequence, figure41("memory_object_data_provided", "copy: buffer cache → memory object"));
  });

  test("data_supply hands the page over instead", () => {
    const read = scene("mach3", "read from disk", { pager: { interface: "data_supply", throughBufferCache: false } }).sequence;
    expectInOrder(read, figure41("memory_object_data_supply", "hand over: "));
    expect(read.steps.filter(({ move }) => move === "copy")).toHaveLength(1);
  });

  test("a page in memory is read without the server", () => {
    expect(scene("mach3", "read from memory").sequence.lanes.map(({ name }) => name)).not.toContain("disk");
  });
});

describe("CHORUS/MiX", () => {
  const entry = ["user process > nucleus: trap", "nucleus > Process Manager: trap", "Process Manager: message", "Process Manager > nucleus: sgRead"];

  test("a page that is not there is read by arrows 0, 1, 2b, 3b, 4b and 5b of figure 4-2", () => {
    expectInOrder(scene("mix", "read from disk").sequence, [
      ...entry,
      "nucleus: find the local cache, pullIn, acquire a page",
      "nucleus > Object Manager: pullIn",
      "Object Manager: ufs_pullin",
      "Object Manager > disk: disk read",
      "disk: programmed I/O: disk → segment",
      "disk > Object Manager: interrupt",
      "Object Manager > nucleus: ",
      "nucleus: copy: segment → temporary segment",
      "nucleus > user process: ",
    ]);
  });

  test("a page that is there is read by arrows 0, 1, 2a and 3a", () => {
    const hit = scene("mix", "read from memory").sequence;
    expectInOrder(hit, [...entry, "nucleus: find the local cache", "nucleus: copy: segment → temporary segment", "nucleus > user process: "]);
    expect(hit.lanes.map(({ name }) => name)).not.toContain("Object Manager");
  });
});

test.each(["mach26", "svr4"] as const)("%s reads with one trap, one request to the disk and one copy", (name) => {
  const read = scene(name, "read from disk").sequence;
  expect(read.steps.flatMap(({ kind, from, to }) => (kind === "note" || kind === "data" ? [] : [`${kind} ${from} > ${to}`]))).toEqual([
    "call user process > kernel", "disk kernel > disk", "disk disk > kernel", "return kernel > user process",
  ]);
  expect(read.steps.filter(({ move }) => move === "copy")).toMatchObject([{ bytes: PAGE }]);
  expect(read.steps.filter(({ move }) => move === "sector in")).toMatchObject([{ bytes: PAGE }]);
});

test("arrows are numbered from 1, times do not go back, and the last is the call's end", () => {
  const { steps, elapsedUs } = scene("mach3", "read from disk").sequence;
  const arrows = steps.filter(({ number }) => number !== undefined);
  expect(arrows.map(({ number }) => number)).toEqual(arrows.map((_arrow, i) => i + 1));
  expect(steps.map(({ timeUs }) => timeUs)).toEqual(steps.map(({ timeUs }) => timeUs).sort((a, b) => a - b));
  expect(arrows.at(-1)!.timeUs).toBeCloseTo(elapsedUs, 6);
});

test("what another process does meanwhile is left out", () => {
  const system = boot("mach26");
  system.prepare({ "/file": 32 * PAGE });
  const traced = trace(system, function* (unix) {
    const fd = yield* unix.open("/file", { access: "read" });
    yield* unix.fork(function* (child) {
      for (let i = 0; i < 50; i++) yield* child.stat("/file");
    });
    yield* unix.read(fd, PAGE);
    yield* unix.wait();
  });
  const read = traced.operations.find(({ name }) => name === "read")!;
  const meanwhile = traced.operations.filter(({ name, span }) => name === "stat" && span.beginNs > read.span.beginNs && span.endNs < read.span.endNs);
  expect(meanwhile.length).toBeGreaterThan(0);
  expect(sequence(traced, read).steps.map(written)).toEqual(scene("mach26", "read from disk").sequence.steps.map(written));
});

test("Mermaid text has a participant a lane and an arrow a step", () => {
  const text = mermaid(scene("mach26", "read from disk").sequence);
  expect(text.split("\n").slice(0, 12)).toEqual([
    "---", "title: read() of 4096 bytes", "---", "sequenceDiagram",
    "  box user space", "    participant lane0 as user process", "  end",
    "  box kernel space", "    participant lane1 as kernel", "  end",
    "  box hardware", "    participant lane2 as disk",
  ]);
  expect(text).toContain("lane1-)lane2: 2 disk read");
});

test.each(sceneNames)("the scene \"%s\" is one call of every system", (what) => {
  for (const name of systemNames) expect(scene(name, what).sequence.steps.length, name).toBeGreaterThan(2);
});

test("an unknown scene is answered with the nearest", () => {
  expect(() => scene("mach3", "read from disc" as never)).toThrow('unknown scene "read from disc"; nearest is "read from disk"');
});
