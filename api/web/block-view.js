/** An article by its blocks: headings, lists and tables as such, where a page begins, what a machine read. */

import { el } from "./dom.js";
import { segments } from "./lit-text.js";

/**
 * @typedef {import("./lit-text.js").Lit} Lit
 * @typedef {{role: string, start: number, end: number, level: number, page: number | null, table: number | null,
 *     cells: {start: number, end: number}[], label: string | null, ocr: boolean}} Block  in UTF-16 units
 */

/** The panel's own heading is an h2, so the outermost of a document is an h3. */
const OUTERMOST = 2;
const INNERMOST = 6;
const IN_A_TABLE = new Set(["table_head", "table_row"]);

/**
 * @param {import("./api.js").Block[]} blocks
 * @param {import("./code-points.js").CodePoints} points
 * @returns {Block[]}
 */
export function blocksInUnits(blocks, points) {
  const moved = (/** @type {any} */ it) => ({ ...it, start: points.toUnits(it.start), end: points.toUnits(it.end) });
  return blocks.map((block) => ({ ...moved(block), cells: block.cells.map(moved) }));
}

/**
 * @param {string} text
 * @param {[number, number]} shown  the part of it to show
 * @param {Block[]} blocks  in order
 * @param {Lit[]} lit  in units
 * @returns {Node[]} whose text is that of the blocks, each element saying where it begins
 */
export function blockNodes(text, [from, to], blocks, lit) {
  const view = new BlockView(text, lit);
  let reached = from;
  for (const block of blocks) {
    if (block.end <= from || block.start >= to) continue;
    view.addLines(reached, block.start, "between");
    view.add(block);
    reached = Math.max(reached, block.end);
  }
  view.addLines(reached, to, "between");
  return view.nodes;
}

class BlockView {
  /**
   * @param {string} text
   * @param {Lit[]} lit
   */
  constructor(text, lit) {
    this.text = text;
    this.lit = lit;
    /** @type {HTMLElement[]} */
    this.nodes = [];
    /** @type {number | null} */
    this.page = null;
    this.isOcr = false;
    /** The list or the body of the table that the next block may go on with. @type {HTMLElement | null} */
    this.open = null;
    /** @type {number | null} */
    this.table = null;
    /** The row of heads above, by column. @type {{words: string, head: HTMLElement | null}[]} */
    this.above = [];
  }

  /** @param {Block} block */
  add(block) {
    this.sayPage(block);
    if (IN_A_TABLE.has(block.role)) return this.addRow(block);
    if (block.role === "list_item") return this.addItem(block);
    this.close();
    if (block.role === "heading") {
      const tag = `h${Math.min(OUTERMOST + Math.max(1, block.level), INNERMOST)}`;
      return this.put(tag, block, `block-heading level-${Math.min(block.level || 1, 4)}`);
    }
    if (block.role === "code") return this.put("pre", block, "block-code");
    if (block.label) this.nodes.push(el("p", { class: "block-label" }, block.label));
    this.addLines(block.start, block.end, block.role);
  }

  /** @param {Block} block  whose page or way of being read differs from that of the block before */
  sayPage({ page, ocr }) {
    if (page !== null && page !== this.page) {
      this.close();
      this.nodes.push(el("p", { class: "page-begins", "data-page": page }, el("span", { t: ["page", { n: page }] }), ocr ? el("span", { t: "ocrPage" }) : null));
      this.page = page;
    } else if (ocr && !this.isOcr) {
      this.close();
      this.nodes.push(el("p", { class: "page-begins" }, el("span", { t: "ocrPage" })));
    }
    this.isOcr = ocr;
  }

  close() {
    this.open = this.table = null;
  }

  /**
   * @param {string} tag
   * @param {{start: number, end: number}} span
   * @param {string | null} name
   */
  make(tag, { start, end }, name) {
    return el(tag, { class: name, "data-at": start }, ...segments(this.text, start, end, this.lit));
  }

  /**
   * @param {string} tag
   * @param {{start: number, end: number}} span
   * @param {string | null} name
   */
  put(tag, span, name) {
    this.nodes.push(this.make(tag, span, name));
  }

  /**
   * Prose, a paragraph a line.
   * @param {number} start
   * @param {number} end
   * @param {string} role
   */
  addLines(start, end, role) {
    if (end <= start) return;
    for (const line of this.text.slice(start, end).matchAll(/[^\r\n]*\S[^\r\n]*/g)) {
      this.close();
      const at = start + line.index;
      this.put("p", { start: at, end: at + line[0].length }, role === "paragraph" || role === "between" ? null : `block-${role}`);
    }
  }

  /** @param {Block} block */
  addItem(block) {
    if (this.open?.tagName !== "UL") {
      this.open = el("ul", { class: "block-list" });
      this.nodes.push(/** @type {HTMLElement} */ (this.open));
    }
    this.open?.append(this.make("li", block, `depth-${Math.min(Math.max(block.level, 1), 4)}`));
  }

  /** @param {Block} block */
  addRow(block) {
    if (!this.open || this.table !== block.table || this.open.tagName === "UL") {
      this.open = el("tbody", {});
      this.table = block.table;
      this.above = [];
      const frame = el("div", { class: "table-frame", tabindex: 0, role: "region", label: "table" }, el("table", {}, this.open));
      this.nodes.push(frame);
    }
    const isHead = block.role === "table_head";
    const cells = block.cells.length ? block.cells : [{ start: block.start, end: block.end }];
    this.open?.append(el("tr", {}, ...(isHead ? this.heads(cells) : cells.map((cell) => this.make("td", cell, null)))));
  }

  /**
   * Heads; one that spans several columns or rows is repeated in the text, and shown once.
   * @param {{start: number, end: number}[]} cells
   */
  heads(cells) {
    const words = cells.map(({ start, end }) => this.text.slice(start, end));
    /** @type {HTMLElement[]} */
    const heads = [];
    /** @type {{words: string, head: HTMLElement | null}[]} */
    const row = [];
    for (const [column, cell] of cells.entries()) {
      const above = this.above[column];
      const last = heads.at(-1);
      if (above?.head && above.words === words[column]) {
        widen(above.head, "rowspan");
        row.push(above);
      } else if (last && words[column] && words[column] === words[column - 1]) {
        widen(last, "colspan");
        row.push({ words: words[column], head: null });
        row[column - 1].head = null; // what spans columns is not merged with what stands below, too
      } else {
        const head = this.make("th", cell, null);
        head.setAttribute("scope", "col");
        heads.push(head);
        row.push({ words: words[column], head });
      }
    }
    this.above = row;
    return heads;
  }
}

/**
 * @param {HTMLElement} head
 * @param {"colspan" | "rowspan"} way
 */
function widen(head, way) {
  head.setAttribute(way, String(Number(head.getAttribute(way) ?? 1) + 1));
}
