/** `<past-questions>`: what was asked in this browser before, like a table of contents. Tells `recall` `{answer}`. */

import { el, tell } from "./dom.js";
import { forgetAll, pastAnswers } from "./history.js";
import { languageOf } from "./language.js";

export class PastQuestions extends HTMLElement {
  connectedCallback() {
    this.list = el("ol", {});
    this.foot = el("div", { class: "past-foot" });
    this.append(
      el("section", { "aria-labelledby": "past-title" }, el("h2", { id: "past-title", t: "past" }), this.list, this.foot),
    );
  }

  /** @param {Set<string>} onPage  ids of answers that stand above already */
  show(onPage) {
    const answers = pastAnswers().filter(({ id }) => !onPage.has(id));
    this.hidden = !answers.length;
    this.list.replaceChildren(...answers.map((answer) => this.row(answer)));
    this.offerClear(false);
  }

  /** @param {import("./api.js").Answer} answer */
  row(answer) {
    const { question, status, short_answer: short } = answer;
    const refused = status === "not_found" || status === "insufficient";
    const mark = refused ? "pastRefused" : status === "conflicting" ? "pastConflicting" : null;
    const outcome = mark
      ? el("span", { class: "past-outcome soft", t: mark })
      : el("span", { class: "past-outcome", lang: languageOf(short ?? "") }, short ?? "");
    const recall = () => tell(this, "recall", { answer });
    return el(
      "li",
      {},
      el(
        "button",
        { type: "button", onclick: recall },
        el("span", { class: "past-question", lang: languageOf(question) }, question),
        el("span", { class: "leader", "aria-hidden": "true" }),
        outcome,
      ),
    );
  }

  /** @param {boolean} focus */
  offerClear(focus) {
    const button = el("button", { type: "button", class: "plain", t: "clear", onclick: () => this.confirmClear() });
    this.foot.replaceChildren(button);
    if (focus) button.focus();
  }

  confirmClear() {
    const clear = () => {
      forgetAll();
      tell(this, "cleared");
    };
    const keep = el("button", { type: "button", class: "plain", t: "clearNo", onclick: () => this.offerClear(true) });
    this.foot.replaceChildren(
      el("span", { class: "why", t: "clearAsk" }),
      el("button", { type: "button", class: "plain danger", t: "clearYes", onclick: clear }),
      keep,
    );
    keep.focus();
  }
}

customElements.define("past-questions", PastQuestions);
