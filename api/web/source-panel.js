/**
 * `<source-panel>`: an article, or the file it came from, open at the very words.
 *
 * Beside the answers on a wide screen, where both stay usable; a modal sheet over them on a narrow one. Back closes
 * it. Tells `missing` `{documentId}` when what was to be opened is no longer there.
 */

import * as api from "./api.js";
import { articleView, known } from "./article-view.js";
import { el, isAbort, Latest, tell } from "./dom.js";
import { downloadButton } from "./download.js";
import { languageOf, write } from "./language.js";
import { cover } from "./layers.js";
import { PagePicture } from "./page-picture.js";
import { fromItsStart, isPart, moved, withinPart } from "./parts.js";
import { firstToRead, pageView, pieceButtons } from "./page-view.js";
import { throughMap } from "./regions.js";
import { problemOf, told } from "./trouble.js";

/**
 * @typedef {import("./lit-text.js").Lit} Lit
 * @typedef {import("./api.js").Span} Span
 * @typedef {{documentId: number, start: number | null, end: number | null, kind: "quote" | "near",
 *     spans: Span[] | null, also: api.Copy[], page?: number | null}} Place  what to open, and where
 * @typedef {"article" | "source" | "picture"} View
 */

const WIDE = matchMedia("(min-width: 60rem)");

export class SourcePanel extends HTMLElement {
  latest = new Latest();
  /** @type {Place | null} */
  place = null;
  /** @type {api.FullDocument | null} counted from where its text begins, which of a long one may be a part */
  shown = null;
  /** @type {View} */
  view = "article";
  whole = false;
  /** @type {import("./regions.js").Region[]} of the page that was shown last */
  regions = [];
  /** Where the part of the source begins that `regions` count in. */
  regionsFrom = 0;
  /** @type {HTMLElement | null} what to give the focus back to */
  opener = null;
  uncover = () => {};

  connectedCallback() {
    this.kicker = el("p", { class: "kicker", hidden: true });
    this.heading = el("h2", { id: "panel-title", tabindex: -1 });
    this.meta = el("div", { class: "panel-meta" });
    /** @type {Record<View, HTMLButtonElement>} */
    this.views = {
      article: el("button", { type: "button", t: "article", onclick: () => this.show("article") }),
      source: el("button", { type: "button", t: "source", onclick: () => this.show("source") }),
      picture: el("button", { type: "button", t: "picture", hidden: true, onclick: () => this.show("picture") }),
    };
    this.tools = el("div", { class: "views-tools" });
    this.note = el("div", { class: "panel-note", hidden: true });
    this.text = el("div", { class: "panel-text", tabindex: 0, role: "region", "aria-labelledby": "panel-title" });
    this.dialog = el(
      "dialog",
      { class: "panel", "aria-labelledby": "panel-title" },
      el(
        "header",
        { class: "panel-head" },
        el("button", { type: "button", class: "plain close", t: "close", onclick: () => this.close() }),
        this.kicker,
        this.heading,
        this.meta,
        el(
          "div",
          { class: "views-line" },
          el("div", { class: "views", role: "group", label: "view" }, this.views.article, this.views.source, this.views.picture),
          this.tools,
        ),
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

  /**
   * @param {Place} place
   * @param {View} [view]
   */
  async open(place, view = "article") {
    const active = document.activeElement;
    if (active instanceof HTMLElement && !this.contains(active)) this.opener = active;
    const signal = this.latest.next();
    this.place = place;
    this.whole = false;
    this.shown = null;
    this.setAttribute("aria-busy", "true");
    write(this.heading, "loading");
    for (const part of [this.meta, this.text, this.kicker]) part.replaceChildren();
    this.kicker.hidden = this.note.hidden = true;
    if (!this.isOpen) {
      this.reopen();
      this.uncover = cover(() => this.close());
    }
    this.heading.focus({ preventScroll: true });
    try {
      const found = await api.getDocument(place.documentId, signal, place.start ?? 0);
      if (signal.aborted) return;
      this.shown = fromItsStart(found);
      this.showHead(this.shown);
      await this.show(view);
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
    this.uncover();
    this.uncover = () => {};
    this.place = null;
    this.latest.next();
    document.body.classList.remove("beside");
    this.shown = null;
    this.regions = [];
    for (const part of [this.kicker, this.heading, this.meta, this.tools, this.note, this.text]) part.replaceChildren(); // a deleted text must not stay
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
    const kicker = found.layout?.kicker ?? "";
    this.kicker.textContent = kicker;
    this.kicker.hidden = !kicker;
    this.meta.replaceChildren(...known(found), this.copies() ?? "");
    write(this.views.source, isText(found) ? "source" : "extracted");
    this.views.picture.hidden = found.media_type !== "application/pdf";
    this.tools.replaceChildren(downloadButton(found.source));
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
    return this.showCopy(copy);
  }

  /**
   * Where on the page the same words are printed again.
   * @param {api.Copy} copy
   */
  async showCopy(copy) {
    await this.show("source", ["copy"]);
    const find = () => {
      const at = (copy.source?.spans?.[0]?.[0] ?? -1) - this.regionsFrom;
      return this.regions.find(({ kind, start, end }) => kind === "copy" && start <= at && at < end);
    };
    if (!find() && !this.whole) {
      this.whole = true; // it lies beyond what is shown of a long text
      await this.show("source", ["copy"]);
    }
    const place = find();
    this.lead(this.text.querySelector(`[data-copy="${place?.start}"]`));
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
      if (this.whole && isPart(this.shown)) {
        const whole = await api.getDocument(this.shown.id, signal);
        if (signal.aborted) return;
        this.shown = whole;
      }
      if (view === "picture") return this.showPicture(this.shown);
      if (view === "article") this.showArticle(this.shown);
      else this.showPage(this.shown, await api.getSource(this.shown.source.sha256, signal, this.whole ? null : this.sourceStart()));
      if (signal.aborted) return;
      this.removeAttribute("aria-busy");
      this.bring(focus.map((name) => firstToRead(this.text, `.lit-${name}, .${name}`)).find(Boolean) ?? null);
    } catch (error) {
      if (!isAbort(error)) this.fail(error);
    }
  }

  /** @param {api.FullDocument} article */
  showArticle(article) {
    const seam = (/** @type {number} */ at) => void this.showSeam(article, at);
    const { nodes, cut } = articleView(article, this.articleLit(), { whole: this.whole, seam });
    const gaps = article.layout?.joins.some(({ lossy }) => lossy) && el("span", { t: "gapNote" });
    this.fill("article", article.text, nodes, [gaps, ...this.cutNote(cut || isPart(article))]);
  }

  /**
   * The page of a PDF as it looks, with the quote in a box.
   * @param {api.FullDocument} article
   */
  showPicture(article) {
    const { spans } = /** @type {Place} */ (this.place);
    const lit = spans ?? this.sourceLit().map(({ start, end }) => /** @type {Span} */ ([start, end]));
    const page = this.pageHere(article);
    this.fill("picture", "", [new PagePicture(article.source, page, lit)], [el("span", { t: lit.length ? "pictureNote" : "pictureNoBox" })]);
    this.removeAttribute("aria-busy");
    this.bring(null);
  }

  /**
   * The page that the place stands on, else the first that is shown.
   * @param {api.FullDocument} article
   */
  pageHere({ blocks = [] }) {
    const start = this.placeHere()?.[0] ?? 0;
    const block = blocks.find(({ end, page }) => end > start && page !== null);
    return this.place?.page ?? block?.page ?? 1;
  }

  /**
   * @param {api.FullDocument} article
   * @param {api.SourceText} source
   */
  showPage(article, source) {
    const how = {
      whole: this.whole,
      jump: (/** @type {number} */ order) => void this.jump(order),
      open: (/** @type {number} */ documentId) =>
        void this.open({ documentId, start: null, end: null, kind: "quote", spans: null, also: [], page: null }, "source"),
    };
    const by = source.offset ?? 0;
    const lit = this.sourceLit().map((each) => ({ ...each, start: each.start - by, end: each.end - by }));
    const here = withinPart(article, source);
    const { nodes, regions, cut } = pageView(here.article, here.source, lit, how);
    this.regions = regions;
    this.regionsFrom = by;
    this.fill("original", source.text, nodes, [
      el("span", { t: source.verbatim === false ? "extractedNote" : "sourceNote" }),
      ...this.cutNote(cut || isPart(source)),
      pieceButtons(regions, lit, how.jump),
    ]);
  }

  /**
   * @param {string} kind
   * @param {string} text
   * @param {Node[]} nodes
   * @param {(Node | string | null | undefined | false)[]} notes
   */
  fill(kind, text, nodes, notes) {
    this.text.className = `panel-text ${kind}`;
    this.text.lang = languageOf(text.slice(0, 2000));
    this.text.replaceChildren(...nodes);
    const said = notes.filter((note) => note !== null && note !== undefined && note !== false);
    this.note.replaceChildren(.../** @type {Node[]} */ (said));
    this.note.hidden = !said.length;
  }

  /** @param {boolean} cut */
  cutNote(cut) {
    if (!cut) return [];
    const showAll = () => {
      this.whole = true;
      void this.show(this.view);
    };
    return [" ", el("span", { t: "cut" }), " ", el("button", { type: "button", class: "plain", t: "showAll", onclick: showAll })];
  }

  /**
   * To a piece of the article on the page, with the focus.
   * @param {number} order
   */
  async jump(order) {
    const find = () => /** @type {HTMLElement | null} */ (this.text.querySelector(`[data-piece="${order}"]`));
    if (!find()) {
      this.whole = true; // it lies beyond what is shown of a long text
      await this.show("source");
    }
    this.lead(find());
  }

  /** @param {HTMLElement | null} place  to be looked at, by whatever means one looks */
  lead(place) {
    place?.focus({ preventScroll: true });
    if (place) this.bring(place);
  }

  /**
   * The page where the sentence that a join made whole goes on.
   * @param {api.FullDocument} article
   * @param {number} at  the join
   */
  async showSeam(article, at) {
    await this.show("source");
    const [place] = throughMap(article.map, at, at + 1).map((span) => moved(span, -this.regionsFrom));
    const piece = this.regions.find(({ kind, start, end }) => kind === "piece" && start <= place?.[0] && place[0] < end);
    if (piece?.order) await this.jump(piece.order);
  }

  /** @returns {import("./api.js").Span | null} the place within what is shown of the article */
  placeHere() {
    const { start, end } = /** @type {Place} */ (this.place);
    return start === null || end === null ? null : moved([start, end], -(this.shown?.offset ?? 0));
  }

  /** @returns {Lit[]} */
  articleLit() {
    const here = this.placeHere();
    return here ? [{ start: here[0], end: here[1], kind: /** @type {Place} */ (this.place).kind }] : [];
  }

  /** Where in the source to look: at the quote, else where what is shown of the article begins. */
  sourceStart() {
    const { spans } = /** @type {Place} */ (this.place);
    return spans?.[0]?.[0] ?? this.sourceLit()[0]?.start ?? this.shown?.map[0]?.[2] ?? 0;
  }

  /** @returns {Lit[]} where the article's pieces, the quote and its copies stand in the file */
  sourceLit() {
    const { kind, spans, also } = /** @type {Place} */ (this.place);
    const { source, map } = /** @type {api.FullDocument} */ (this.shown);
    const here = this.placeHere();
    const quoted = spans ?? (here ? throughMap(map, ...here) : []);
    const copies = also.flatMap(({ source: other }) => (other?.sha256 === source.sha256 ? (other.spans ?? []) : []));
    return [
      ...quoted.map(([from, to]) => ({ start: from, end: to, kind })),
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
    const problem = problemOf(error);
    const isGone = problem.status === 404;
    this.removeAttribute("aria-busy");
    write(this.heading, isGone ? "gone" : "failedTitle");
    this.text.replaceChildren(...(isGone ? [el("p", { t: "goneHow" })] : told(problem)));
    if (isGone && this.place) tell(this, "missing", { documentId: this.place.documentId });
  }
}

/** @param {api.FullDocument} article  whether its file is plain text, which is shown as it is; Markdown is read off */
function isText({ media_type: kind = "text/plain" }) {
  return kind === "text/plain";
}

customElements.define("source-panel", SourcePanel);
