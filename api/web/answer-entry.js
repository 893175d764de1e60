/**
 * `<answer-entry>`: one turn of a conversation, its question with its answer, from the first word to the last.
 *
 * Tells `turn` `{turn}` whenever it is to be kept anew, `started`, `settled`, `removed`, `news` (a line for the status
 * region), and from its answer `open-place`.
 */

import { answerText, copy } from "./answer-text.js";
import { answerView, pendingClaim } from "./answer-view.js";
import * as api from "./api.js";
import { button, el, tell } from "./dom.js";
import { AnswerFeedback } from "./feedback.js";
import { languageOf, say, write } from "./language.js";
import { phraseOf, problemOf, told } from "./trouble.js";

/** @typedef {import("./threads.js").Turn} Turn */

/** Milliseconds: claims that came longer before the answer have been read, and do not come in once more. */
const JUST_NOW = 200;
/** Milliseconds between two tries at a service that is still starting. */
const STARTING = 2000;

let count = 0;

export class AnswerEntry extends HTMLElement {
  /** @param {Turn} turn */
  constructor(turn) {
    super();
    this.turn = turn;
    /** Earlier questions that this one may lean on. @type {string[]} */
    this.history = [];
    /** @type {AbortController | null} */
    this.controller = null;
    this.heading = el("h2", { id: `entry-${(count += 1)}`, tabindex: -1, lang: languageOf(turn.question) }, turn.question);
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
    this.show();
  }

  connectedCallback() {
    if (!this.article.isConnected) this.append(this.article);
  }

  get isAsking() {
    return this.controller !== null;
  }

  get answer() {
    return this.turn.answer;
  }

  /**
   * Takes what another tab made of this turn.
   * @param {Turn} turn
   */
  update(turn) {
    const same = this.turn.state === turn.state && this.turn.answer?.id === turn.answer?.id;
    this.turn = turn;
    if (!same && !this.isAsking) this.show();
  }

  /** Asks and shows what comes; a second call replaces the first. */
  async ask() {
    this.controller?.abort();
    const controller = new AbortController();
    this.controller = controller;
    tell(this, "started");
    this.become({ state: "asking", answer: null, lost: null, asked: Date.now() });
    this.wait();
    try {
      const answer = await this.receive(controller.signal);
      if (controller === this.controller) this.finish(answer);
    } catch (error) {
      if (controller === this.controller) this.fail(error, controller.signal.aborted);
    }
    if (controller !== this.controller) return;
    this.controller = null;
    tell(this, "settled");
  }

  stop() {
    this.controller?.abort();
  }

  /** @param {Partial<Turn>} change */
  become(change) {
    this.turn = { ...this.turn, ...change };
    tell(this, "turn", { turn: this.turn });
  }

  /** @param {AbortSignal} signal */
  async receive(signal) {
    for (;;) {
      try {
        return await this.receiveOnce(signal);
      } catch (error) {
        const { type, status } = problemOf(error);
        if (signal.aborted || status !== 503 || type !== "not-ready") throw error;
        write(this.waiting, "openingLibrary");
        await new Promise((resolve) => setTimeout(resolve, STARTING));
        signal.throwIfAborted();
      }
    }
  }

  /** @param {AbortSignal} signal */
  async receiveOnce(signal) {
    const { question, documents, alone } = this.turn;
    const body = {
      question,
      ...(documents.length && { documents: documents.map(({ id }) => id) }),
      ...(!alone && this.history.length && { history: this.history }),
    };
    for await (const { event, data } of api.ask(body, signal)) {
      signal.throwIfAborted();
      if (event === "hits") this.progress(Array.isArray(data) ? data : data.hits);
      else if (event === "claim") this.addClaim(data.claim ?? data);
      else if (event === "answer") return /** @type {api.Answer} */ (data.result ?? data);
      else if (event === "error") throw new api.Problem(data.status ?? 500, data.detail ?? null, data);
    }
    const cut = new api.Problem(500, null);
    cut.cut = true;
    throw cut;
  }

  wait() {
    this.waiting = el("p", { class: "waiting", t: "searching" });
    this.claims = el("div", { class: "claims" });
    this.claimsSince = 0;
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
    this.claimsSince ||= Date.now();
    this.claims.append(pendingClaim(claim));
    tell(this, "news", claim.text);
  }

  /** @param {api.Answer} answer */
  finish(answer) {
    this.become({ state: "answered", answer });
    this.show();
    const isRead = this.claimsSince > 0 && Date.now() - this.claimsSince > JUST_NOW;
    this.body.firstElementChild?.classList.toggle("arriving", !isRead);
    const refused = !answer.citations.length;
    const done = say("done", { short: answer.short_answer, n: answer.citations.length });
    tell(this, "news", refused ? answer.answer || say("refused") : done);
  }

  /** Shows the turn as it is kept. */
  show() {
    this.removeAttribute("aria-busy");
    const { state, answer, lost } = this.turn;
    if (state === "answered" && answer) return this.showAnswer(answer);
    const notice = {
      forgotten: () => el("p", { class: "stopped", t: ["forgotten", { title: lost ?? "" }] }),
      stopped: () => el("p", { class: "stopped", t: "stopped" }),
      asking: () => el("p", { class: "waiting", t: "elsewhere" }),
    }[state];
    this.body.replaceChildren(notice ? notice() : this.trouble(new api.Problem(500, null)));
    this.foot.replaceChildren(this.againButton(), this.removeButton());
  }

  /** @param {api.Answer} answer */
  showAnswer(answer) {
    this.body.replaceChildren(answerView(answer));
    this.body.querySelector(".follows button")?.addEventListener("click", () => {
      this.become({ alone: true });
      void this.ask();
    });
    this.foot.replaceChildren(
      this.copyButton("copy", "copied", () => answerText(answer)),
      this.copyButton("link", "linked", () => `${location.origin}/a/${answer.id}`),
      this.againButton(),
      this.removeButton(),
      new AnswerFeedback(answer),
      took(answer),
    );
  }

  /**
   * @param {string} name
   * @param {string} done
   * @param {() => string} text
   */
  copyButton(name, done, text) {
    const press = async () => {
      write(it, (await copy(text())) ? done : "copyFailed");
      tell(this, "news", it.textContent);
      setTimeout(() => write(it, name), 2500);
    };
    const it = button(name, press);
    return it;
  }

  /**
   * @param {unknown} error
   * @param {boolean} stopped  by a person, or by the next question
   */
  fail(error, stopped) {
    const problem = problemOf(error);
    this.become({ state: stopped ? "stopped" : "failed" });
    this.removeAttribute("aria-busy");
    this.waiting?.remove();
    this.body.append(stopped ? el("p", { class: "stopped", t: "stopped" }) : this.trouble(problem));
    this.foot.replaceChildren(this.againButton(), this.removeButton());
    tell(this, "news", stopped ? say("stopped") : say(...phraseOf(problem)));
  }

  /** @param {api.Problem} problem */
  trouble(problem) {
    return el("div", { class: "trouble" }, el("strong", { t: "failedTitle" }), ...told(problem));
  }

  againButton() {
    return button("again", () => void this.ask());
  }

  removeButton() {
    return button("remove", () => tell(this, "removed"));
  }
}

/** @param {api.Answer} answer */
function took({ timings_ms: timings }) {
  const total = timings?.total;
  if (typeof total !== "number") return "";
  return el("span", { class: "took", t: ["took", { seconds: (total / 1000).toFixed(total < 1000 ? 2 : 1) }] });
}

customElements.define("answer-entry", AnswerEntry);
