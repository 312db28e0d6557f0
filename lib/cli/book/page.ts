/**
 * The pages of the book: one a notebook, and the index.
 * Layer: cli.
 */
import hljs from "highlight.js/lib/core";
import typescript from "highlight.js/lib/languages/typescript";
import { hasTag, joined } from "../../notebook/document.ts";
import type { Notebook } from "../../notebook/document.ts";
import { escapeHtml } from "../../notebook/table.ts";
import { outputHtml } from "./outputs.ts";
import type { Opening, Prose } from "./prose.ts";

hljs.registerLanguage("typescript", typescript);

const BOOK_TITLE = "Data movement in kernelized systems";

/** A notebook in the book. */
export interface Chapter extends Opening {
  /** The file of its page. */
  page: string;
}

/** The page of the `index`-th of `chapters`. */
export async function notebookPage(document: Notebook, prose: Prose, chapters: readonly Chapter[], index: number): Promise<string> {
  const cells: string[] = [];
  for (const cell of document.cells) {
    const source = joined(cell.source);
    if (cell.cell_type === "markdown") cells.push(`<section class="prose">\n${prose.html(source)}</section>`);
    if (cell.cell_type !== "code" || source.trim() === "") continue;
    const outputs = await Promise.all(cell.outputs.map(outputHtml));
    const note = hasTag(cell, "parameters") ? '<p class="note">parameters</p>' : "";
    cells.push(`<section class="cell">${note}<pre class="code"><code>${hljs.highlight(source, { language: "typescript" }).value}</code></pre>\n${outputs.join("\n")}</section>`);
  }
  const [before, after] = [chapters[index - 1], chapters[index + 1]];
  const link = (chapter: Chapter | undefined, text: string) => (chapter === undefined ? "<span></span>" : `<a href="${chapter.page}" title="${escapeHtml(chapter.title)}">${text}</a>`);
  const navigation = `<nav>${link(before, "← before")}<a href="index.html">all notebooks</a>${link(after, "next →")}</nav>`;
  return page(chapters[index].title, [navigation, ...cells, navigation].join("\n"));
}

/** The list of the notebooks, each with its answer. */
export function indexPage(chapters: readonly Chapter[]): string {
  const entries = chapters.map(({ page: file, title, answer }) => `<li><a href="${file}">${escapeHtml(title)}</a><p>${answer}</p></li>`);
  return page(BOOK_TITLE, `<h1>${BOOK_TITLE}</h1>\n<p>Notebooks that rerun the analysis of Randall W. Dean's and François Armand's paper of 1992 on simulated systems, and ask what would have been.</p>\n<ol class="index">\n${entries.join("\n")}\n</ol>`);
}

function page(title: string, body: string): string {
  const libraries = ["vega", "plotly"].filter((kind) => body.includes(`<figure class="${kind}"`)).map((kind) => `<script src="${kind}.min.js"></script>\n`);
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escapeHtml(title)}</title>
<link rel="stylesheet" href="book.css">
<body>
<main>
${body}
</main>
${libraries.join("")}<script src="book.js"></script>
</body>
</html>
`;
}
