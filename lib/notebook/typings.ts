/**
 * Declarations of the library for the compiler of the cells.
 *
 * Layer: notebook. Cells are compiled by an older TypeScript than the library is
 * written in. It is handed declarations made by the library's own compiler: package.json
 * sends it there by "typesVersions". Checking a cell is fast with them, too, since it
 * does not check the library again. They live in node_modules/.cache and are made anew
 * whenever a source has changed.
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { writeFileAtomically } from "./files.ts";
import { libraryRoot, projectRoot } from "./places.ts";

const target = join(projectRoot, "node_modules/.cache/kernelized");
const stamp = join(target, "sources.sha256");

/**
 * Makes the declarations unless they are those of the present sources.
 *
 * Several processes may do so at once: every file is replaced as a whole, with the same text.
 * @param say told of what cannot be declared, such as a public function with a type that is not exported.
 */
export async function ensureTypings(say: (problem: string) => void = console.warn): Promise<void> {
  const sources = fingerprint();
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === sources) return;
  const { default: ts } = await import("typescript");
  const { config } = ts.readConfigFile(join(projectRoot, "tsconfig.json"), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, projectRoot);
  const program = ts.createProgram({
    rootNames: [join(libraryRoot, "index.ts")],
    options: { ...options, noEmit: false, declaration: true, emitDeclarationOnly: true, rootDir: libraryRoot, outDir: target },
  });
  const { diagnostics } = program.emit(undefined, (path, text) => {
    mkdirSync(dirname(path), { recursive: true });
    writeFileAtomically(path, text);
  });
  for (const { file, messageText } of diagnostics) {
    say(`${relative(projectRoot, file?.fileName ?? "")}: ${ts.flattenDiagnosticMessageText(messageText, " ")}`);
  }
  mkdirSync(target, { recursive: true });
  writeFileAtomically(stamp, sources);
}

/** Changes whenever a source file of the library is written, added or removed. */
function fingerprint(): string {
  const hash = createHash("sha256");
  for (const entry of readdirSync(libraryRoot, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (!entry.isFile() || !/\.(ts|json)$/.test(path) || path.includes("node_modules")) continue;
    const { size, mtimeMs } = statSync(path);
    hash.update(`${relative(libraryRoot, path)} ${size} ${mtimeMs}\n`);
  }
  return hash.digest("hex");
}
