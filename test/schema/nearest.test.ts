/** The nearest valid name. */
import { expect, it } from "vitest";
import { nearest, suggest } from "../../lib/schema/index.ts";

it("is the one that begins so, else the one spelled most alike", () => {
  expect(nearest("mach", ["mach26", "mix"])).toBe("mach26");
  expect(nearest("hp", ["compaq", "hp-vectra"])).toBe("hp-vectra");
  expect(nearest("readbytes", ["write", "readBytes"])).toBe("readBytes");
  expect(nearest("x", [])).toBeUndefined();
});

it("is suggested beside all names while these are few", () => {
  expect(suggest("svr3", ["mach26", "svr4"])).toBe('; nearest is "svr4" (of mach26, svr4)');
  expect(suggest("a", ["b"])).toBe('; nearest is "b"');
  expect(suggest("a", [])).toBe("");
  expect(suggest("n12", Array.from({ length: 9 }, (_, i) => `n${i}`))).toBe('; nearest is "n1"');
});
