/** `<ask-form>`: the question box. Tells `ask` `{question, documents}` and `stop`. */

import { el, tell } from "./dom.js";
import { write } from "./language.js";

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
      "aria-describedby": "ask-hint",
      "data-t-placeholder": "placeholder",
      onkeydown: (/** @type {KeyboardEvent} */ event) => this.onKey(event),
    });
    this.button = el("button", { type: "submit", class: "seal" });
    this.chosen = el("div", { class: "chosen", hidden: true });
    const form = el(
      "form",
      { onsubmit: (/** @type {Event} */ event) => this.onSubmit(event) },
      el("label", { for: "question", class: "unseen", t: "question" }),
      el("div", { class: "line" }, this.box, this.button),
      el("p", { id: "ask-hint", class: "hint", t: "hint" }),
      this.chosen,
    );
    this.append(form);
    this.setBusy(false);
  }

  /** @param {string} question */
  ask(question) {
    const text = question.trim();
    if (!text) return this.box.focus();
    this.box.value = "";
    tell(this, "ask", { question: text, documents: [...this.scope.keys()] });
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

customElements.define("ask-form", AskForm);
