/** `<ask-form>`: the question box. Tells `ask` `{question, documents}`, `stop`, `add` and `unchoose` `{id}`. */

import { el, tell } from "./dom.js";
import { write } from "./language.js";
import { limits } from "./limits.js";

/** Of the limit: from here on it is said how much is left. */
const NEAR = 0.8;

export class AskForm extends HTMLElement {
  /** Documents to ask alone: id to title. @type {Map<number, string>} */
  scope = new Map();
  busy = false;

  connectedCallback() {
    this.box = el("textarea", {
      id: "question",
      rows: 1,
      enterkeyhint: "send",
      autocomplete: "off",
      "aria-describedby": "ask-hint ask-counter",
      "data-t-placeholder": "placeholder",
      onkeydown: (/** @type {KeyboardEvent} */ event) => this.onKey(event),
      oninput: () => this.count(),
    });
    this.button = el("button", { type: "submit", class: "seal" });
    this.chosen = el("div", { class: "chosen", hidden: true });
    this.counter = el("p", { id: "ask-counter", class: "hint counter", role: "status" });
    const plus = el("button", { type: "button", class: "plus", label: "add", onclick: () => tell(this, "add") });
    plus.append(el("span", { "aria-hidden": "true" }, "+"));
    const form = el(
      "form",
      { onsubmit: (/** @type {Event} */ event) => this.onSubmit(event) },
      this.chosen,
      el("label", { for: "question", class: "unseen", t: "question" }),
      el("div", { class: "line" }, plus, this.box, this.button),
      el("div", { class: "under" }, el("p", { id: "ask-hint", class: "hint", t: "hint" }), this.counter),
    );
    this.append(form);
    this.setBusy(false);
  }

  /** @param {string} question */
  ask(question) {
    const text = question.trim();
    if (!text || length(text) > limits.question) return this.box.focus();
    this.box.value = "";
    this.count();
    tell(this, "ask", { question: text, documents: [...this.scope].map(([id, title]) => ({ id, title })) });
  }

  /** @param {boolean} busy  while busy the button stops; Enter still asks the next question */
  setBusy(busy) {
    this.busy = busy;
    this.button.dataset.tLabel = busy ? "stopLong" : "askLong";
    write(this.button, busy ? "stop" : "ask");
    this.button.classList.toggle("stopping", busy);
  }

  /** @param {Map<number, string>} scope */
  setScope(scope) {
    this.scope = new Map(scope);
    this.chosen.hidden = !scope.size;
    const chips = [...scope].map(([id, title]) =>
      el(
        "button",
        { type: "button", class: "chip", label: ["everywhere", { title }], onclick: () => tell(this, "unchoose", { id }) },
        el("span", {}, title),
        el("span", { "aria-hidden": "true", class: "cross" }, "×"),
      ),
    );
    this.chosen.replaceChildren(el("span", { class: "chosen-label", t: "onlyIn" }), ...chips);
  }

  /** Says how much is left, near the limit, and what to do beyond it. */
  count() {
    const left = limits.question - length(this.box.value.trim());
    const isOver = left < 0;
    this.box.setAttribute("aria-invalid", String(isOver));
    this.counter.classList.toggle("over", isOver);
    if (left > limits.question * (1 - NEAR) || left === Infinity) {
      this.counter.removeAttribute("data-t");
      this.counter.textContent = "";
    } else {
      write(this.counter, isOver ? "tooLong" : "left", { n: Math.abs(left), limit: limits.question });
    }
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    // An Enter that picks a candidate belongs to the input method. Safari ends the composition before it
    // reports that key, and only the old keyCode 229 still says so.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    this.ask(this.box.value);
  }

  /** @param {Event} event */
  onSubmit(event) {
    event.preventDefault();
    if (this.busy) tell(this, "stop");
    else this.ask(this.box.value);
  }
}

/**
 * In code points, as the service counts.
 * @param {string} text
 */
function length(text) {
  return [...text].length;
}

customElements.define("ask-form", AskForm);
