/** The linter's own rule: it finds every forgotten yield*, and nothing else. */
import { readFileSync } from "node:fs";
import { ESLint } from "eslint";
import { describe, expect, it } from "vitest";

const here = import.meta.dirname;
const fixtures = `${here}/fixtures/`;

/** The project's own configuration, with types from the fixtures alone, which is faster. */
const eslint = new ESLint({
  cwd: `${here}/../..`,
  overrideConfigFile: `${here}/eslint.config.js`,
  ignore: false,
  overrideConfig: { languageOptions: { parserOptions: { project: "tsconfig.json", tsconfigRootDir: fixtures } } },
});

/** What the rule says of a file: "12 dropped". */
async function findings(file: string): Promise<string[]> {
  const [result] = await eslint.lintFiles([fixtures + file]);
  const { messages, fatalErrorCount } = result!;
  expect(fatalErrorCount).toBe(0);
  return messages.filter(({ ruleId }) => ruleId === "kernelized/no-forgotten-yield").map(({ line, messageId }) => `${line} ${messageId}`);
}

describe("no-forgotten-yield", () => {
  it("finds what is dropped, taken for its result, or returned to a caller that expects nothing", async () => {
    const lines = readFileSync(`${fixtures}bad.ts`, "utf8").split("\n");
    const marked = lines.flatMap((line, i) => {
      const mark = / \/\/ (dropped|taken|callback)$/.exec(line);
      return mark === null ? [] : [`${i + 1} ${mark[1]}`];
    });
    expect(marked.length).toBeGreaterThan(30);
    expect(await findings("bad.ts")).toEqual(marked);
  });

  it("leaves alone what is run, kept or handed on", async () => {
    expect(await findings("good.ts")).toEqual([]);
  });
});
