/**
 * npm run book: the executed notebooks as pages that open from the disk, without a server.
 *
 * Layer: cli. The outputs are those stored in the notebooks. Figures are live: what draws
 * them lies beside the pages, and nothing is fetched from anywhere.
 */
import { copyFileSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { basename, join, relative } from "node:path";
import { codeCells, hasTag, joined, readNotebook } from "../notebook/document.ts";
import type { Notebook } from "../notebook/document.ts";
import { writeFileAtomically } from "../notebook/files.ts";
import { projectRoot } from "../notebook/places.ts";
import { drawingLibraries } from "../plots/page.ts";
import { InputError } from "../schema/index.ts";
import { indexPage, notebookPage } from "./book/page.ts";
import type { Chapter } from "./book/page.ts";
import { Prose } from "./book/prose.ts";
import { allNotebooks } from "./notebooks.ts";

export const BOOK = join(projectRoot, "build/book");

/**
 * Builds the book of the notebooks at `paths`, by default all, in the folder `target`.
 * @throws InputError when a notebook cannot be read or was not executed.
 */
export async function book(paths: readonly string[] = allNotebooks(), target = BOOK): Promise<void> {
  const documents = paths.map((path) => {
    const document = readNotebook(path);
    refuseUnexecuted(document, relative(process.cwd(), path));
    return { path, document };
  });
  const draft = `${target}.${process.pid}.tmp`;
  mkdirSync(draft, { recursive: true });
  try {
    const prose = documents.map(({ path }) => new Prose(path, target, paths));
    const chapters: Chapter[] = documents.map(({ path, document }, i) => ({ page: `${basename(path, ".ipynb")}.html`, ...prose[i].opening(document) }));
    for (const [i, { document }] of documents.entries()) writeFileAtomically(join(draft, chapters[i].page), await notebookPage(document, prose[i], chapters, i));
    writeFileAtomically(join(draft, "index.html"), indexPage(chapters));
    for (const path of [...Object.values(drawingLibraries), ...["book.css", "book.js"].map(own)]) copyFileSync(path, join(draft, basename(path)));
    for (const [from, name] of prose.flatMap((one) => [...one.pictures])) copyFileSync(from, join(draft, name));
    rmSync(target, { recursive: true, force: true });
    renameSync(draft, target);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
  console.log(relative(process.cwd(), join(target, "index.html")));
}

function own(file: string): string {
  return new URL(`book/${file}`, import.meta.url).pathname;
}

function refuseUnexecuted(document: Notebook, name: string): void {
  const missing = codeCells(document).findIndex((cell) => cell.execution_count === null && joined(cell.source).trim() !== "" && !hasTag(cell, "skip-execution"));
  if (missing >= 0) throw new InputError(`${name}: code cell ${missing + 1} was not executed; npm run notebooks executes it`);
}
