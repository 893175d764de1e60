/** `<key-prompt>`: asks for the API key when the service wants one; it is kept in memory only. Tells `key`. */

import { useKey } from "./api.js";
import { el, tell } from "./dom.js";

export class KeyPrompt extends HTMLElement {
  connectedCallback() {
    this.field = el("input", { type: "password", id: "api-key", autocomplete: "off", required: true });
    const submit = (/** @type {Event} */ event) => {
      event.preventDefault();
      useKey(this.field.value.trim());
      this.dialog.close();
      tell(this, "key");
    };
    this.dialog = el(
      "dialog",
      { class: "card", "aria-labelledby": "key-title" },
      el(
        "form",
        { onsubmit: submit },
        el("h2", { id: "key-title", t: "keyTitle" }),
        el("p", { class: "why", t: "keyWhy" }),
        el("label", { for: "api-key", t: "key" }),
        this.field,
        el("button", { type: "submit", class: "seal-line", t: "keyEnter" }),
      ),
    );
    document.addEventListener("key-needed", () => {
      this.field.value = "";
      if (!this.dialog.open) this.dialog.showModal();
    });
    this.append(this.dialog);
  }
}

customElements.define("key-prompt", KeyPrompt);
