import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { projectRoot } from "../../lib/notebook/places.ts";

/** What a program in plain Node prints. */
function printed(program: string): { stdout: string; stderr: string } {
  return spawnSync(process.execPath, ["--input-type=module", "--eval", program], { cwd: projectRoot, encoding: "utf8" });
}

test("danfojs loads without a banner", () => {
  const { stdout, stderr } = printed('import * as dfd from "danfojs-node"; console.log(dfd.__version)');
  expect(stderr).toBe("");
  expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
});

test("danfojs adds, compares, samples, scales and groups through the local tfjs-node", () => {
  const { stdout, stderr } = printed(`
    import * as dfd from "danfojs-node";
    const frame = new dfd.DataFrame({ a: [1, 2, 3], b: [2, 4, 6] });
    const scaler = new dfd.MinMaxScaler();
    console.log(JSON.stringify([
      frame.add(frame).values, frame.sub(1).values, frame.gt(2).values,
      (await frame.sample(2)).shape, scaler.fit(frame).transform(frame).values.at(-1),
      frame.groupby(["a"]).col(["b"]).sum().values,
    ]));
  `);
  expect(stderr).toBe("");
  expect(JSON.parse(stdout)).toEqual([[[2, 4], [4, 8], [6, 12]], [[0, 1], [1, 3], [2, 5]], [[false, false], [false, true], [true, true]], [2, 2], [1, 1], [[1, 2], [2, 4], [3, 6]]]);
});
