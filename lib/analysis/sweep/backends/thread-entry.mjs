/**
 * Where a worker thread begins: JavaScript, because Node gives a thread no loader for
 * TypeScript, and an ES module, because what tsx makes of one for require() runs half as fast.
 */
import { tsImport } from "tsx/esm/api";

export default tsImport("./thread.ts", import.meta.url).then((module) => module.default);
