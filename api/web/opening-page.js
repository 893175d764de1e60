/**
 * `<opening-page>`: what stands where no conversation does. Says what to do: add documents, or ask, with examples
 * that the documents answer. Tells `ask-this` `{question}` and `add`.
 */

import * as api from "./api.js";
import { button, el, isAbort, Latest, tell } from "./dom.js";
import { language, languageOf } from "./language.js";

const STARTING = 2000;

export class OpeningPage extends HTMLElement {
  latest = new Latest();
  isStale = true;

  connectedCallback() {
    this.what = el("div", { class: "what" });
    this.list = el("ul", {});
    this.heading = el("h2", { id: "examples-title", t: "examples" });
    this.coming = el("p", { class: "why waiting", t: "examplesComing", hidden: true });
    this.examples = el("section", { id: "examples", class: "examples", hidden: true, "aria-labelledby": "examples-title" }, this.heading, this.coming, this.list);
    this.append(el("h1", { t: "tagline" }), el("p", { class: "lead", t: "lead" }), this.what, this.examples);
  }

  /** @param {boolean} isShown */
  show(isShown) {
    this.hidden = !isShown;
    if (isShown && this.isStale) void this.refresh();
  }

  /** Looks at what is there, and what can be asked of it: once somebody can see it, for examples cost much. */
  async refresh() {
    this.isStale = this.hidden;
    if (this.hidden) return;
    const signal = this.latest.next();
    try {
      const { documents, next } = await api.listDocuments(null, signal);
      if (signal.aborted) return;
      this.say(documents.length, next !== null);
      await this.showExamples(documents.length > 0, signal);
    } catch (error) {
      if (isAbort(error)) return;
      this.examples.hidden = true; // the page is as good without them
      const isStarting = error instanceof api.Problem && error.status === 503;
      if (isStarting) setTimeout(() => signal.aborted || this.refresh(), STARTING);
    }
  }

  /**
   * @param {number} n  documents
   * @param {boolean} isMore
   */
  say(n, isMore) {
    this.classList.toggle("empty", n === 0);
    if (n) {
      this.what.replaceChildren(el("p", { class: "ready", t: ["readyHow", { n: isMore ? `${n}+` : n }] }));
      return;
    }
    this.what.replaceChildren(
      el("h2", { t: "emptyTitle" }),
      el("p", { t: "emptyHow" }),
      el("p", {}, button("add", () => tell(this, "add"), { class: "seal-line" })),
      el("p", { class: "why", t: "emptyThen" }),
    );
  }

  /**
   * @param {boolean} areDocuments
   * @param {AbortSignal} signal
   */
  async showExamples(areDocuments, signal) {
    this.examples.hidden = !areDocuments;
    if (!areDocuments) return;
    this.coming.hidden = this.list.childElementCount > 0;
    const questions = await api.examples(language(), signal);
    if (signal.aborted) return;
    this.coming.hidden = true;
    this.examples.hidden = !questions.length;
    const items = questions.map((question) => {
      const ask = () => tell(this, "ask-this", { question });
      return el("li", {}, el("button", { type: "button", lang: languageOf(question), onclick: ask }, question));
    });
    this.list.replaceChildren(...items);
  }
}

customElements.define("opening-page", OpeningPage);
