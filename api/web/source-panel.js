/**
 * `<source-panel>`: an article, or the file it came from, open at the very words.
 *
 * Beside the answers on a wide screen, where both stay usable; a modal sheet over them on a narrow one.
 */

import * as api from "./api.js";
import { el, isAbort, Latest } from "./dom.js";
import { languageOf, write } from "./language.js";
import { litText } from "./lit-text.js";

/**
 * @typedef {import("./lit-text.js").Lit} Lit
 * @typedef {import("./api.js").Span} Span
 * @typedef {{documentId: number, start: number | null, end: number | null, kind: "quote" | "near",
 *     spans: Span[] | null, also: api.Copy[]}} Place  what to open, and where
 * @typedef {"article" | "source"} View
 */

const WIDE = matchMedia("(min-width: 60rem)");

export class SourcePanel extends HTMLElement {
  latest = new Latest();
  /** @type {Place | null} */
  place = null;
  /** @type {api.FullDocument | null} */
  shown = null;
  /** @type {View} */
  view = "article";
  whole = false;
  /** @type {HTMLElement | null} what to give the focus back to */
  opener = null;

  connectedCallback() {
    this.heading = el("h2", { id: "panel-title", tabindex: -1 });
    this.meta = el("div", { class: "panel-meta" });
    /** @type {Record<View, HTMLButtonElement>} */
    this.views = {
      article: el("button", { type: "button", t: "article", onclick: () => this.show("article") }),
      source: el("button", { type: "button", t: "source", onclick: () => this.show("source") }),
    };
    this.note = el("p", { class: "panel-note", hidden: true });
    this.text = el("div", { class: "panel-text", tabindex: 0, role: "region", "aria-labelledby": "panel-title" });
    this.dialog = el(
      "dialog",
      { class: "panel", "aria-labelledby": "panel-title" },
      el(
        "header",
        { class: "panel-head" },
        el("button", { type: "button", class: "plain close", t: "close", onclick: () => this.close() }),
        this.heading,
        this.meta,
        el("div", { class: "views", role: "group", label: "view" }, this.views.article, this.views.source),
      ),
      this.note,
      this.text,
    );
    this.dialog.addEventListener("cancel", (/** @type {Event} */ event) => {
      event.preventDefault();
      this.close();
    });
    // Some closings (a phone's back gesture) cannot be cancelled and only say so afterwards.
    this.dialog.addEventListener("close", () => !this.isOpen && this.place && this.leave());
    this.dialog.addEventListener("click", (/** @type {Event} */ event) => {
      if (event.target === this.dialog) this.close(); // the backdrop of the sheet
    });
    WIDE.addEventListener("change", () => this.isOpen && this.reopen());
    this.append(this.dialog);
  }

  get isOpen() {
    return this.dialog.open;
  }

  /** @param {Place} place */
  async open(place) {
    const active = document.activeElement;
    if (active instanceof HTMLElement && !this.contains(active)) this.opener = active;
    const signal = this.latest.next();
    this.place = place;
    this.whole = false;
    this.shown = null;
    this.setAttribute("aria-busy", "true");
    write(this.heading, "loading");
    this.meta.replaceChildren();
    this.text.replaceChildren();
    this.note.hidden = true;
    if (!this.isOpen) this.reopen();
    this.heading.focus({ preventScroll: true });
    try {
      const found = await api.getDocument(place.documentId, signal);
      if (signal.aborted) return;
      this.shown = found;
      this.showHead(found);
      await this.show("article");
    } catch (error) {
      if (!isAbort(error)) this.fail(error);
    }
  }

  reopen() {
    if (this.isOpen) this.dialog.close();
    if (WIDE.matches) this.dialog.show();
    else this.dialog.showModal();
    document.body.classList.toggle("beside", WIDE.matches);
  }

  /** At once, focus included: a `close` event would come after the next key already. */
  close() {
    this.dialog.close();
    this.leave();
  }

  leave() {
    this.place = null;
    this.latest.next();
    document.body.classList.remove("beside");
    this.shown = null;
    for (const part of [this.heading, this.meta, this.text]) part.replaceChildren(); // a deleted text must not stay
    const back = this.opener?.isConnected ? this.opener : document.getElementById("question");
    back?.focus({ preventScroll: back === this.opener });
    this.opener = null;
  }

  /** @param {api.FullDocument} found */
  showHead(found) {
    const title = found.title || found.source.name;
    this.heading.removeAttribute("data-t");
    this.heading.textContent = title;
    this.heading.lang = languageOf(title);
    const rows = [
      found.published && ["published", el("span", { "data-date": found.published })],
      found.place && ["place", found.place],
      found.byline && ["byline", found.byline],
      ["file", el("span", { class: "file" }, found.source.name)],
    ];
    const items = rows.flatMap((row) => (row ? [el("dt", { t: row[0] }), el("dd", {}, row[1])] : []));
    this.meta.replaceChildren(el("dl", {}, ...items), this.copies() ?? "");
  }

  /** Where else the same words stand; each opens. */
  copies() {
    const also = this.place?.also ?? [];
    if (!also.length) return null;
    const items = also.map((copy, index) => {
      const open = () => this.openCopy(copy);
      const label = `${index + 1}. ${copy.source?.name ?? ""}`;
      return el("li", {}, el("button", { type: "button", class: "note-title file", onclick: open }, label));
    });
    return el("details", { class: "copies" }, el("summary", { t: ["copies", { n: also.length }] }), el("ol", {}, ...items));
  }

  /** @param {api.Copy} copy */
  openCopy(copy) {
    if (copy.document_id && copy.document_id !== this.place?.documentId) {
      const { document_id: documentId, start = null, end = null } = copy;
      const spans = copy.source?.spans ?? null;
      return this.open({ documentId, start, end, kind: "quote", spans, also: [] });
    }
    return this.show("source", ["copy"]);
  }

  /**
   * @param {View} view
   * @param {string[]} [focus]  what to scroll to: the first kind that is there
   */
  async show(view, focus = ["quote", "near", "piece"]) {
    if (!this.shown || !this.place) return;
    const signal = this.latest.next();
    this.view = view;
    for (const [name, button] of Object.entries(this.views)) button.setAttribute("aria-pressed", String(name === view));
    this.setAttribute("aria-busy", "true");
    try {
      if (view === "article") this.fill(this.shown.text, this.articleLit(), true);
      else this.fill((await api.getSource(this.shown.source.sha256, signal)).text, this.sourceLit(), false);
      if (signal.aborted) return;
      this.removeAttribute("aria-busy");
      const kind = focus.find((name) => this.text.querySelector(`.lit-${name}`));
      this.bring(kind ? this.text.querySelector(`.lit-${kind}`) : null);
    } catch (error) {
      if (!isAbort(error)) this.fail(error);
    }
  }

  /**
   * @param {string} text
   * @param {Lit[]} lit
   * @param {boolean} paragraphs
   */
  fill(text, lit, paragraphs) {
    const { nodes, cut } = litText(text, lit, { whole: this.whole, paragraphs });
    this.text.className = `panel-text ${paragraphs ? "article" : "original"}`;
    this.text.lang = languageOf(text.slice(0, 2000));
    this.text.replaceChildren(...nodes);
    const showAll = () => {
      this.whole = true;
      void this.show(this.view);
    };
    const all = el("button", { type: "button", class: "plain", t: "showAll", onclick: showAll });
    this.note.replaceChildren(
      paragraphs ? "" : el("span", { t: "sourceNote" }),
      ...(cut ? [" ", el("span", { t: "cut" }), " ", all] : []),
    );
    this.note.hidden = paragraphs && !cut;
  }

  /** @returns {Lit[]} */
  articleLit() {
    const { start, end, kind } = /** @type {Place} */ (this.place);
    return start === null || end === null ? [] : [{ start, end, kind }];
  }

  /** @returns {Lit[]} where the article's pieces, the quote and its copies stand in the file */
  sourceLit() {
    const { start, end, kind, spans, also } = /** @type {Place} */ (this.place);
    const { map, source } = /** @type {api.FullDocument} */ (this.shown);
    const quoted = spans ?? (start === null || end === null ? [] : throughMap(map, start, end));
    const copies = also.flatMap(({ source: other }) => (other?.sha256 === source.sha256 ? (other.spans ?? []) : []));
    return [
      ...quoted.map(([from, to]) => ({ start: from, end: to, kind })),
      ...map.map(([from, to, at]) => ({ start: at, end: at + to - from, kind: /** @type {const} */ ("piece") })),
      ...copies.map(([from, to]) => ({ start: from, end: to, kind: /** @type {const} */ ("copy") })),
    ];
  }

  /** @param {HTMLElement | null} target  brought to the upper third of the text, without moving the page */
  bring(target) {
    const from = this.text.getBoundingClientRect();
    const to = target?.getBoundingClientRect();
    const top = to ? this.text.scrollTop + to.top - from.top - from.height / 3 : 0;
    this.text.scrollTo({ top: Math.max(0, top), behavior: "instant" });
  }

  /** @param {unknown} error */
  fail(error) {
    const problem = error instanceof api.Problem ? error : new api.Problem(500, null);
    const key = { 0: "offline", 404: "gone" }[problem.status] ?? "serverFailed";
    this.removeAttribute("aria-busy");
    write(this.heading, key);
    this.text.replaceChildren(problem.detail && problem.status !== 404 ? el("p", {}, problem.detail) : "");
  }
}

/**
 * @param {[number, number, number][]} map
 * @param {number} start
 * @param {number} end
 * @returns {Span[]} where `[start, end)` of a document's text stands in its source
 */
function throughMap(map, start, end) {
  /** @type {Span[]} */
  const spans = [];
  for (const [from, to, at] of map) {
    const [first, last] = [Math.max(from, start), Math.min(to, end)];
    if (first < last) spans.push([at + first - from, at + last - from]);
  }
  return spans;
}

customElements.define("source-panel", SourcePanel);
