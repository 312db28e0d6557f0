/** What keeps the project readable, and what neither compiler nor linter looks at: rooms, headers, length, leftovers. */
import { readFileSync, readdirSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { describe, expect, it } from "vitest";

/** The rooms of lib/ in reading order: one may import those before it, and lib/index.ts shows all of them to notebooks. */
const ROOMS = ["engine", "schema", "hardware", "fs", "unix", "kernels", "servers", "systems", "workloads", "trace", "paper", "analysis", "notebook", "plots", "index.ts", "cli"];

/** Not ours, or made anew by every run. */
const SKIPPED = new Set([".git", ".venv", ".ipynb_checkpoints", "node_modules", "build"]);

const ROOT = join(import.meta.dirname, "..");

interface File {
  /** From the top of the project, with "/" between. */
  path: string;
  text: string;
}

/** All files below `folder` whose names end in one of `endings`. */
function files(folder: string, ...endings: string[]): File[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (SKIPPED.has(entry.name)) return [];
    if (entry.isDirectory()) return files(path, ...endings);
    return endings.some((ending) => path.endsWith(ending)) ? [{ path, text: readFileSync(join(ROOT, path), "utf8") }] : [];
  });
}

const code = [".ts", ".js", ".cjs", ".mjs", ".py"];
const library = files("lib", ...code);
const sources = [...library, ...files("test", ...code)].filter(({ path }) => path !== "test/tidy.test.ts");

/** "path:line" of every line that `pattern` matches. */
function lines(all: readonly File[], pattern: RegExp): string[] {
  return all.flatMap(({ path, text }) => text.split("\n").flatMap((line, i) => (pattern.test(line) ? [`${path}:${i + 1}: ${line.trim().slice(0, 100)}`] : [])));
}

describe("every file of the library", () => {
  it("begins with a comment that says what it is", () => {
    const header = (path: string) => (path.endsWith(".py") ? /^(#!.*\n)?"""/ : /^(#!.*\n|"use strict";\n)?\/\*\*/);
    const bare = library.filter(({ path, text }) => !path.endsWith(".d.ts") && !header(path).test(text));
    expect(bare.map(({ path }) => path)).toEqual([]);
  });

  it("has a name in kebab-case", () => {
    expect(library.map(({ path }) => path).filter((path) => !/^[a-z0-9/.-]+$/.test(path))).toEqual([]);
  });
});

describe("every source file", () => {
  it("has at most 300 lines", () => {
    const long = sources.map(({ path, text }) => ({ path, count: text.trimEnd().split("\n").length })).filter(({ count }) => count > 300);
    expect(long).toEqual([]);
  });

  it("is finished", () => {
    expect(lines(sources, /\b(TODO|FIXME|XXX|HACK)\b/)).toEqual([]);
  });

  it("runs all its tests", () => {
    expect(lines(sources, /\b(it|test|describe)(\.\w+)*\.(only|skip|todo)\b/)).toEqual([]);
  });
});

it("no file names a folder of the machine it was written on", () => {
  const texts = files(".", ...code, ".json", ".ipynb", ".md", ".txt", ".html", ".yml", ".sh").filter(({ path }) => path !== "test/tidy.test.ts" && path !== "package-lock.json");
  expect(lines(texts, /(^|[^\w./~-])(\/work\/|\/root\/|\/home\/\w|\/Users\/\w|[A-Z]:\\\\?Users)/)).toEqual([]);
});

/** What the file imports from the project, as paths from the top. */
function imports({ path, text }: File): string[] {
  const specifiers = [...text.matchAll(/(?:\bfrom|\bimport|\brequire)\s*\(?\s*["'](\.[^"']+)["']/g)].map((match) => match[1]!);
  return specifiers.map((specifier) => relative(ROOT, join(ROOT, dirname(path), specifier)));
}

describe("the rooms of the library", () => {
  const roomOf = (path: string) => path.split("/")[1]!;
  it("are those that the order names", () => {
    expect(readdirSync(join(ROOT, "lib")).filter((room) => room !== "package.json" && !ROOMS.includes(room))).toEqual([]);
  });

  it(`import one way: ${ROOMS.join(", ")}`, () => {
    const allowed = (from: string, to: string) => to.startsWith("data/") || (to.startsWith("lib/") && ROOMS.indexOf(roomOf(to)) <= ROOMS.indexOf(roomOf(from)));
    const backward = library.flatMap((file) => imports(file).filter((to) => !allowed(file.path, to)).map((to) => `${file.path} imports ${to}`));
    expect([...new Set(backward)]).toEqual([]);
  });

  it("import only what the package declares", () => {
    const { dependencies } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { dependencies: Record<string, string> };
    const packages = library.filter(({ path }) => path.endsWith(".ts") && !path.endsWith(".d.ts")).flatMap(({ path, text }) =>
      [...text.matchAll(/^(?:import|export) [^;]*?from "((?:@[^/"]+\/)?[^./"][^/"]*)/gm)].map((match) => ({ path, name: match[1]! })));
    const undeclared = packages.filter(({ name }) => !name.startsWith("node:") && name !== "kernelized" && !(name in dependencies));
    expect(undeclared).toEqual([]);
  });
});
