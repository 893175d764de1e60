/**
 * `<answer-entry>`: one question with its answer, from the first word to the last.
 *
 * Tells `news` (a line for the status region), `answered` `{answer}`, `settled`, `removed`, and from its answer
 * `open-place`.
 */

import { answerText, copy } from "./answer-text.js";
import { answerView, pendingClaim } from "./answer-view.js";
import * as api from "./api.js";
import { el, tell } from "./dom.js";
import { AnswerFeedback } from "./feedback.js";
import { languageOf, say, write } from "./language.js";

let count = 0;

export class AnswerEntry extends HTMLElement {
  constructor() {
    super();
    /** @type {api.Answer | null} */
    this.answer = null;
    this.question = "";
    /** @type {number[]} */
    this.documents = [];
    /** @type {string[]} earlier questions that this one may lean on */
    this.history = [];
    this.controller = new AbortController();
    this.heading = el("h2", { id: `entry-${(count += 1)}`, tabindex: -1 });
    this.body = el("div", { class: "entry-body" });
    this.foot = el("footer", { class: "entry-foot" });
    this.article = el(
      "article",
      { "aria-labelledby": this.heading.id },
      el("span", { class: "letter", "aria-hidden": "true", t: "q" }),
      this.heading,
      el("span", { class: "letter seal-letter", "aria-hidden": "true", t: "a" }),
      this.body,
      this.foot,
    );
  }

  connectedCallback() {
    if (!this.article.isConnected) this.append(this.article);
  }

  /** @param {string} question */
  name(question) {
    this.question = question;
    this.heading.lang = languageOf(question);
    this.heading.textContent = question;
  }

  /**
   * Asks and shows what comes; a second call replaces the first.
   * @param {string} question
   * @param {number[]} documents
   * @param {string[]} history
   */
  async ask(question, documents, history = []) {
    this.controller.abort();
    const controller = new AbortController();
    this.controller = controller;
    this.name(question);
    this.documents = documents;
    this.history = history;
    this.wait();
    try {
      const answer = await this.receive(controller.signal);
      if (controller === this.controller) this.finish(answer);
    } catch (error) {
      if (controller === this.controller) this.fail(error, controller.signal.aborted);
    }
    if (controller === this.controller) tell(this, "settled");
  }

  /** @param {AbortSignal} signal */
  async receive(signal) {
    const body = {
      question: this.question,
      ...(this.documents.length && { documents: this.documents }),
      ...(this.history.length && { history: this.history }),
    };
    for await (const { event, data } of api.ask(body, signal)) {
      signal.throwIfAborted();
      if (event === "hits") this.progress(Array.isArray(data) ? data : data.hits);
      else if (event === "claim") this.addClaim(data.claim ?? data);
      else if (event === "answer") return /** @type {api.Answer} */ (data.result ?? data);
      else if (event === "error") throw new api.Problem(data.status ?? 500, data.detail ?? null);
    }
    throw new api.Problem(-1, say("cutShort"));
  }

  stop() {
    this.controller.abort();
  }

  wait() {
    this.waiting = el("p", { class: "waiting", t: "searching" });
    this.claims = el("div", { class: "claims" });
    this.setAttribute("aria-busy", "true");
    this.body.replaceChildren(this.waiting, this.claims);
    this.foot.replaceChildren();
    tell(this, "news", say("searching"));
  }

  /** @param {api.Hit[]} hits */
  progress(hits) {
    if (this.waiting) write(this.waiting, "reading", { n: hits.length });
  }

  /** @param {api.Claim} claim */
  addClaim(claim) {
    this.claims.append(pendingClaim(claim));
    tell(this, "news", claim.text);
  }

  /** @param {api.Answer} answer */
  finish(answer) {
    this.show(answer);
    tell(this, "answered", { answer });
    const refused = !answer.citations.length;
    const done = say("done", { short: answer.short_answer, n: answer.citations.length });
    tell(this, "news", refused ? answer.answer || say("refused") : done);
  }

  /** @param {api.Answer} answer */
  show(answer) {
    this.answer = answer;
    this.name(answer.question);
    this.removeAttribute("aria-busy");
    this.body.replaceChildren(answerView(answer));
    const copyButton = el("button", { type: "button", class: "plain", t: "copy" });
    copyButton.addEventListener("click", async () => {
      const done = await copy(answerText(answer));
      write(copyButton, done ? "copied" : "copyFailed");
      tell(this, "news", copyButton.textContent);
      setTimeout(() => write(copyButton, "copy"), 2500);
    });
    this.foot.replaceChildren(
      copyButton,
      this.againButton(),
      this.removeButton(),
      new AnswerFeedback(answer),
      this.took(answer),
    );
  }

  /** @param {api.Answer} answer */
  took({ timings_ms: timings }) {
    const total = timings?.total;
    if (typeof total !== "number") return "";
    return el("span", { class: "took", t: ["took", { seconds: (total / 1000).toFixed(total < 1000 ? 2 : 1) }] });
  }

  /**
   * @param {unknown} error
   * @param {boolean} stopped  by a person, or by the next question
   */
  fail(error, stopped) {
    this.removeAttribute("aria-busy");
    this.waiting?.remove();
    const notice = stopped ? el("p", { class: "stopped", t: "stopped" }) : this.trouble(error);
    this.body.append(notice);
    this.foot.replaceChildren(this.againButton(), this.removeButton());
    tell(this, "news", notice.textContent);
  }

  /** @param {unknown} error */
  trouble(error) {
    const problem = error instanceof api.Problem ? error : new api.Problem(500, null);
    const why = problem.detail ? el("span", {}, problem.detail) : el("span", { t: problem.status ? "serverFailed" : "offline" });
    return el("div", { class: "trouble" }, el("strong", { t: "failedTitle" }), el("p", {}, why));
  }

  againButton() {
    const again = () => {
      tell(this, "again");
      void this.ask(this.question, this.documents, this.history);
    };
    return el("button", { type: "button", class: "plain", t: "again", onclick: again });
  }

  removeButton() {
    return el("button", { type: "button", class: "plain", t: "remove", onclick: () => tell(this, "removed") });
  }
}

customElements.define("answer-entry", AnswerEntry);
