/**
 * The prose of a notebook as HTML, its links leading from the book to where they led.
 * Layer: cli.
 */
import { existsSync } from "node:fs";
import { basename, dirname, relative, resolve } from "node:path";
import MarkdownIt from "markdown-it";
import { joined } from "../../notebook/document.ts";
import type { Notebook } from "../../notebook/document.ts";

/** What the book's index says of a notebook. */
export interface Opening {
  title: string;
  /** The first paragraph, which answers the question of the title, as HTML. */
  answer: string;
}

export class Prose {
  /** The pictures that the prose shows, by path, with their names in the book. */
  readonly pictures = new Map<string, string>();
  readonly #folder: string;
  readonly #book: string;
  readonly #notebooks: readonly string[];
  readonly #markdown = new MarkdownIt({ html: true });

  /** Of the notebook at `path`, in the book in the folder `book`, which has a page for each of `notebooks`. */
  constructor(path: string, book: string, notebooks: readonly string[]) {
    this.#folder = dirname(path);
    this.#book = book;
    this.#notebooks = notebooks.map((one) => resolve(one));
    const { rules } = this.#markdown.renderer;
    rules.link_open = (tokens, index, options, _, renderer) => {
      const token = tokens[index];
      token.attrSet("href", this.#link(String(token.attrGet("href") ?? "")));
      return renderer.renderToken(tokens, index, options);
    };
    const image = rules.image!;
    rules.image = (tokens, index, options, environment, renderer) => {
      const token = tokens[index];
      token.attrSet("src", this.#picture(String(token.attrGet("src") ?? "")));
      return image(tokens, index, options, environment, renderer);
    };
    rules.heading_open = (tokens, index, options, _, renderer) => {
      // Jupyter gives headings such names, for links within a notebook.
      tokens[index].attrSet("id", tokens[index + 1].content.replaceAll(" ", "-"));
      return renderer.renderToken(tokens, index, options);
    };
  }

  html(markdown: string): string {
    return this.#markdown.render(markdown);
  }

  /** The title and the first paragraph of the notebook. */
  opening(document: Notebook): Opening {
    const [first] = document.cells.filter((cell) => cell.cell_type === "markdown");
    const tokens = this.#markdown.parse(first === undefined ? "" : joined(first.source), {});
    const textOf = (type: string) => tokens[tokens.findIndex((token) => token.type === type) + 1];
    return { title: textOf("heading_open")?.content ?? "Untitled", answer: this.#markdown.renderInline(textOf("paragraph_open")?.content ?? "") };
  }

  #link(href: string): string {
    const [, path, anchor] = /^([^#]*)(#.*)?$/.exec(href)!;
    if (path === "" || isAway(href)) return href;
    const target = resolve(this.#folder, decodeURI(path));
    const page = this.#notebooks.includes(target) ? `${basename(target, ".ipynb")}.html` : relative(this.#book, target);
    return encodeURI(page) + (anchor ?? "");
  }

  #picture(source: string): string {
    const path = resolve(this.#folder, decodeURI(source));
    if (isAway(source) || !existsSync(path)) return source;
    const name = `picture-${relative(this.#folder, path).replaceAll(/[^\w.-]+/g, "-")}`;
    this.pictures.set(path, name);
    return name;
  }
}

/** Whether the address has a scheme, such as https or data. */
function isAway(address: string): boolean {
  return /^[a-z][a-z+.-]*:/i.test(address);
}
