/**
 * `<answer-feedback>`: thumbs up and down under an answer, the words that would have been right, a comment.
 *
 * The right words are marked where they stand: `offerMarking` puts a bar under the source panel as long as text of
 * an article is selected there. Tells `news`, and `open-place` to look for the words.
 */

import * as api from "./api.js";
import { el, hear, tell } from "./dom.js";
import { languageOf, say, write } from "./language.js";

/**
 * @typedef {"up" | "down"} Thumb
 * @typedef {{document_id: number, start: number, end: number}} Span  in code points of the document's text
 */

const UP = "M7 10v11H4V10zM7 20h10.2a2 2 0 0 0 2-1.7l1-6a2 2 0 0 0-2-2.3H13l.8-4.2A2 2 0 0 0 11.8 3.4L7 10";
const COMMENT_LENGTH = 2000;
const SPAN_LENGTH = 2000;

/** What was said in this visit, by the answer's id. @type {Map<string, Thumb>} */
const given = new Map();

let count = 0;

export class AnswerFeedback extends HTMLElement {
  /** @param {api.Answer} answer */
  constructor(answer) {
    super();
    this.answer = answer;
    /** @type {Span | null} */
    this.span = null;
    this.busy = false;
    const id = `feedback-${(count += 1)}`;
    this.thumbs = { up: this.thumb("up"), down: this.thumb("down") };
    this.said = el("span", { class: "feedback-said" });
    this.comment = el("textarea", { id, rows: 2, maxlength: COMMENT_LENGTH });
    this.quote = el("p", { class: "feedback-quote", hidden: true });
    this.form = el(
      "form",
      { class: "feedback-form", hidden: true, onsubmit: (/** @type {Event} */ event) => this.submit(event) },
      el("p", { class: "hint", t: "feedbackHow" }),
      this.quote,
      el("label", { for: id, t: "feedbackComment" }),
      this.comment,
      el(
        "div",
        { class: "feedback-actions" },
        el("button", { type: "submit", class: "seal-line", t: "feedbackSend" }),
        this.placeToLook() && el("button", { type: "button", class: "plain", t: "feedbackLook", onclick: () => this.look() }),
      ),
    );
  }

  connectedCallback() {
    if (this.childElementCount) return;
    const group = el("span", { class: "thumbs", role: "group", label: "feedback" }, this.thumbs.up, this.thumbs.down, this.said);
    this.append(group, this.form);
    this.press(given.get(this.answer.id) ?? null);
  }

  /** @param {Thumb} verdict */
  thumb(verdict) {
    const icon = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
    icon.setAttribute("viewBox", "0 0 24 24");
    icon.setAttribute("aria-hidden", "true");
    path.setAttribute("d", UP);
    icon.append(path);
    const label = verdict === "up" ? "thumbUp" : "thumbDown";
    return el("button", { type: "button", class: `thumb ${verdict}`, label, onclick: () => this.choose(verdict) }, icon);
  }

  /** @param {Thumb | null} verdict */
  press(verdict) {
    for (const name of /** @type {Thumb[]} */ (["up", "down"])) {
      this.thumbs[name].setAttribute("aria-pressed", String(name === verdict));
    }
  }

  /** A second press takes the word back. @param {Thumb} verdict */
  async choose(verdict) {
    if (this.busy) return;
    if (given.get(this.answer.id) === verdict) {
      if (await this.tried(() => api.deleteFeedback(this.answer.id), "feedbackGone")) {
        given.delete(this.answer.id);
        this.span = null;
        this.showQuote("");
        this.press(null);
      }
      this.form.hidden = true;
      return;
    }
    await this.give(verdict);
    this.form.hidden = given.get(this.answer.id) !== "down";
  }

  /** @param {Event} event */
  async submit(event) {
    event.preventDefault();
    if (!this.busy && (await this.give(given.get(this.answer.id) ?? "down"))) {
      this.form.hidden = true;
      this.thumbs.down.focus();
    }
  }

  /**
   * Keeps words of a document as what the answer should have been.
   * @param {Span} span
   * @param {string} words
   */
  async mark(span, words) {
    if (this.busy) return false;
    const before = this.span;
    this.span = span;
    const done = await this.give(given.get(this.answer.id) ?? "down");
    if (done) this.showQuote(words);
    else this.span = before;
    return done;
  }

  /** @param {Thumb} verdict */
  async give(verdict) {
    const comment = this.comment.value.trim();
    const word = { answer_id: this.answer.id, verdict, ...(comment && { comment }), ...(this.span && { span: this.span }) };
    const done = await this.tried(() => api.giveFeedback(word), "feedbackThanks");
    if (done) {
      given.set(this.answer.id, verdict);
      this.press(verdict);
    }
    return done;
  }

  /**
   * @param {() => Promise<unknown>} send
   * @param {string} thanks
   */
  async tried(send, thanks) {
    this.busy = true;
    try {
      await send();
      write(this.said, thanks);
      return true;
    } catch (error) {
      const status = error instanceof api.Problem ? error.status : 500;
      write(this.said, { 0: "offline", 404: "feedbackTooOld" }[status] ?? "serverFailed");
      return false;
    } finally {
      this.busy = false;
      tell(this, "news", this.said.textContent);
    }
  }

  /** @param {string} words */
  showQuote(words) {
    this.quote.hidden = !words;
    this.quote.lang = languageOf(words);
    this.quote.textContent = words;
  }

  /** Where the right words may be: what was quoted, else what came nearest. */
  placeToLook() {
    const [first] = [...this.answer.citations, ...this.answer.nearest, ...this.answer.hits];
    if (!first) return null;
    const kind = this.answer.citations.length ? "quote" : "near";
    const spans = "source" in first ? first.source.spans : null;
    return { documentId: first.document_id, start: first.start, end: first.end, kind, spans, also: [], page: first.where?.page ?? null };
  }

  look() {
    tell(this, "open-place", this.placeToLook());
  }
}

/**
 * Offers, under the source panel, to take what is selected in an article as the right answer.
 * @param {import("./source-panel.js").SourcePanel} panel
 */
export function offerMarking(panel) {
  /** @type {AnswerFeedback | null} the answer that the panel was opened from */
  let judged = null;
  /** @type {{span: Span, words: string} | null} */
  let marked = null;
  const words = el("q", { class: "marking-words" });
  const use = el("button", { type: "button", class: "seal-line", t: "thisIsIt" });
  const bar = el("div", { class: "marking", hidden: true }, words, use);
  panel.dialog.append(bar);

  hear(document, "open-place", (_, from) => {
    judged = from instanceof Element ? (from.closest("answer-entry")?.querySelector("answer-feedback") ?? null) : null;
    bar.hidden = true;
  });
  document.addEventListener("selectionchange", () => {
    marked = judged?.isConnected && panel.isOpen && panel.view === "article" ? selected(panel) : null;
    bar.hidden = !marked;
    if (!marked) return;
    words.lang = languageOf(marked.words);
    words.textContent = marked.words;
  });
  use.addEventListener("pointerdown", (/** @type {Event} */ event) => event.preventDefault()); // keeps the selection
  use.addEventListener("click", async () => {
    if (!marked || !judged) return;
    const { span, words: text } = marked;
    if (!(await judged.mark(span, text))) return;
    getSelection()?.removeAllRanges();
    panel.text.focus({ preventScroll: true });
  });
}

/**
 * What is selected within the article, as a span of its text.
 * @param {import("./source-panel.js").SourcePanel} panel
 * @returns {{span: Span, words: string} | null}
 */
function selected(panel) {
  const selection = getSelection();
  if (!selection?.rangeCount || selection.isCollapsed || !panel.shown || !panel.place) return null;
  const range = selection.getRangeAt(0);
  if (!panel.text.contains(range.commonAncestorContainer)) return null;
  const [start, end] = [unitOf(range.startContainer, range.startOffset), unitOf(range.endContainer, range.endOffset)];
  if (start === null || end === null || end <= start) return null;
  const { text, offset = 0 } = panel.shown;
  const words = text.slice(start, end).trim();
  if (!words || words.length > SPAN_LENGTH) return null;
  const from = offset + [...text.slice(0, start)].length;
  return { span: { document_id: panel.place.documentId, start: from, end: from + [...text.slice(start, end)].length }, words };
}

/**
 * Where a point of the selection lies in the document's text, in UTF-16 units; null outside its paragraphs.
 * @param {Node} node
 * @param {number} offset
 */
function unitOf(node, offset) {
  const element = node instanceof Element ? node : node.parentElement;
  const paragraph = /** @type {HTMLElement | null} */ (element?.closest("[data-at]") ?? null);
  if (!paragraph) return null;
  const before = document.createRange();
  before.setStart(paragraph, 0);
  before.setEnd(node, offset);
  return Number(paragraph.dataset.at) + before.toString().length;
}

customElements.define("answer-feedback", AnswerFeedback);
