/** `<paste-form>`: text typed or pasted, to be added as a document. Tells `paste` `{title, text}`. */

import { el, tell } from "./dom.js";
import { write } from "./language.js";

const TITLE_LENGTH = 500;
const NAMED_AFTER = 40;

export class PasteForm extends HTMLElement {
  connectedCallback() {
    this.name = el("input", { id: "paste-title", maxlength: TITLE_LENGTH, autocomplete: "off" });
    this.text = el("textarea", { id: "paste-text", rows: 6, "aria-describedby": "paste-problem" });
    this.problem = el("p", { id: "paste-problem", class: "trouble-line", role: "alert" });
    this.append(
      el(
        "form",
        { class: "paste", onsubmit: (/** @type {Event} */ event) => this.submit(event) },
        el("label", { for: "paste-title", t: "pasteTitle" }),
        this.name,
        el("label", { for: "paste-text", t: "pasteBody" }),
        this.text,
        this.problem,
        el("button", { type: "submit", class: "seal-line", t: "pasteAdd" }),
      ),
    );
  }

  /** @param {Event} event */
  submit(event) {
    event.preventDefault();
    const text = this.text.value.trim();
    if (!text) {
      write(this.problem, "pasteEmpty");
      return this.text.focus();
    }
    const [firstLine] = text.split("\n", 1);
    const title = this.name.value.trim() || firstLine.slice(0, NAMED_AFTER);
    this.problem.removeAttribute("data-t");
    this.problem.textContent = this.name.value = this.text.value = "";
    tell(this, "paste", { title, text });
  }
}

customElements.define("paste-form", PasteForm);
