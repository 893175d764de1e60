/**
 * `<documents-drawer>`: what is there to be asked; add, open, choose, delete.
 *
 * Tells `open-place`, `choose` `{scope: Map<id, title>}`, `deleted` `{id, title}`, `news` and `changed`.
 */

import * as api from "./api.js";
import { button, el, hear, isAbort, Latest, tell } from "./dom.js";
import { languageOf, say, write } from "./language.js";
import { cover } from "./layers.js";
import { PasteForm } from "./paste-form.js";
import { phraseOf, problemOf } from "./trouble.js";
import { UploadList } from "./uploads.js";

export class DocumentsDrawer extends HTMLElement {
  latest = new Latest();
  /** @type {Map<number, string>} */
  scope = new Map();
  /** @type {number | string | null} */
  next = null;
  uploads = /** @type {UploadList} */ (el("upload-list"));
  paste = /** @type {PasteForm} */ (el("paste-form"));
  uncover = () => {};

  connectedCallback() {
    this.input = el("input", { type: "file", multiple: true, hidden: true, onchange: () => this.chosen(this.input) });
    this.folder = el("input", { type: "file", webkitdirectory: true, hidden: true, onchange: () => this.chosen(this.folder) });
    const pick = button("addFiles", () => this.input.click(), { class: "seal-line" });
    const pickFolder = button("addFolder", () => this.folder.click(), { class: "seal-line" });
    this.paster = button("pasteText", () => this.togglePaste(), { class: "seal-line", "aria-expanded": "false" });
    this.paste.hidden = true;
    this.heading = el("h2", { id: "documents-title", tabindex: -1, t: "documents" });
    hear(this.uploads, "added", () => void this.reload());
    hear(this.uploads, "all-done", () => tell(this, "changed"));
    hear(this.uploads, "open-place", () => this.dialog.close());
    hear(this.paste, "paste", ({ title, text }) => {
      this.togglePaste();
      void this.uploads.addText(title, text);
    });
    this.notice = el("p", { class: "why", role: "status" });
    this.list = el("ul", { class: "document-list" });
    this.more = el("button", { type: "button", class: "plain", t: "more", hidden: true, onclick: () => this.load() });
    this.dialog = el(
      "dialog",
      { class: "drawer", "aria-labelledby": "documents-title" },
      el(
        "header",
        { class: "panel-head" },
        el("button", { type: "button", class: "plain close", t: "close", onclick: () => this.dialog.close() }),
        this.heading,
        el("p", { class: "why", t: "documentsWhy" }),
      ),
      el(
        "div",
        { class: "drawer-body" },
        el("div", { class: "adding" }, pick, pickFolder, this.paster, this.input, this.folder),
        el("p", { class: "hint", t: "addHint" }),
        this.paste,
        this.uploads,
        this.notice,
        this.list,
        this.more,
      ),
    );
    this.dialog.addEventListener("close", () => {
      this.uncover();
      this.uploads.tidy();
    });
    this.dialog.addEventListener("click", (/** @type {Event} */ event) => {
      if (event.target === this.dialog) this.dialog.close();
    });
    this.append(this.dialog);
  }

  open() {
    if (!this.dialog.open) {
      this.dialog.showModal();
      this.uncover = cover(() => this.dialog.close());
    }
    this.heading.focus();
    void this.reload();
  }

  /** @param {HTMLInputElement} input */
  chosen(input) {
    this.upload([...(input.files ?? [])].map((file) => ({ file, name: file.webkitRelativePath || file.name })));
    input.value = ""; // the same file may be chosen again
  }

  togglePaste() {
    this.paste.hidden = !this.paste.hidden;
    this.paster.setAttribute("aria-expanded", String(!this.paste.hidden));
    if (this.paste.hidden) this.paster.focus();
    else this.paste.name.focus();
  }

  /** @param {import("./dropping.js").Given[]} files */
  upload(files) {
    if (!files.length) return;
    this.open();
    void this.uploads.add(files);
  }

  async refresh() {
    tell(this, "changed");
    await this.reload();
  }

  async reload() {
    this.next = null;
    await this.load(true);
  }

  /** @param {boolean} anew  from the first page on, instead of one page more */
  async load(anew = false) {
    const signal = this.latest.next();
    try {
      const { documents, next } = await api.listDocuments(anew ? null : this.next, signal);
      if (signal.aborted) return;
      this.next = next;
      const rows = documents.map((row) => this.row(row));
      if (anew) this.list.replaceChildren(...rows);
      else this.list.append(...rows);
      this.more.hidden = next === null;
      if (this.list.children.length === 0) write(this.notice, "noDocuments");
      else if (this.notice.dataset.t === "noDocuments") this.say("");
    } catch (error) {
      if (!isAbort(error)) this.complain(error);
    }
  }

  /** @param {string} text */
  say(text) {
    this.notice.removeAttribute("data-t");
    this.notice.textContent = text;
  }

  /** @param {unknown} error */
  complain(error) {
    this.say(say(...phraseOf(problemOf(error))));
  }

  /** @param {api.DocumentRow} row */
  row({ id, title: given, published, source, characters, ingested }) {
    const name = typeof source === "string" ? source : source.name;
    const title = given || name || say("untitled");
    const box = el("input", { type: "checkbox", label: ["choose", { title }] });
    box.checked = this.scope.has(id);
    box.addEventListener("change", () => this.choose(id, box.checked ? title : null));
    const open = () => {
      this.dialog.close();
      tell(this, "open-place", { documentId: id, start: null, end: null, kind: "quote", spans: null, also: [], page: null });
    };
    const actions = el("div", { class: "row-actions" });
    const item = el(
      "li",
      {},
      box,
      el(
        "div",
        { class: "note-body" },
        el("button", { type: "button", class: "note-title", lang: languageOf(title), onclick: open }, title),
        el(
          "span",
          { class: "origin" },
          published ? el("span", { "data-date": published }) : null,
          el("span", { class: "file" }, name),
          el("span", { t: ["characters", { n: characters }] }),
          ingested ? el("span", { t: ["takenIn", { day: dayOf(ingested) }], title: new Date(ingested).toLocaleString() }) : null,
        ),
      ),
      actions,
    );
    this.offerDelete(actions, item, id, title);
    return item;
  }

  /**
   * @param {HTMLElement} actions
   * @param {HTMLElement} item
   * @param {number} id
   * @param {string} title
   * @param {boolean} [focus]
   */
  offerDelete(actions, item, id, title, focus = false) {
    const ask = () => this.confirmDelete(actions, item, id, title);
    const button = el("button", { type: "button", class: "plain", t: "delete", label: ["deleteNamed", { title }], onclick: ask });
    item.classList.remove("confirming");
    actions.replaceChildren(button);
    if (focus) button.focus();
  }

  /**
   * @param {HTMLElement} actions
   * @param {HTMLElement} item
   * @param {number} id
   * @param {string} title
   */
  confirmDelete(actions, item, id, title) {
    const back = () => this.offerDelete(actions, item, id, title, true);
    const keep = el("button", { type: "button", class: "plain", t: "cancel", onclick: back });
    const remove = el("button", {
      type: "button",
      class: "plain danger",
      t: "delete",
      label: ["deleteNamed", { title }],
      onclick: () => this.delete(item, id, title),
    });
    const escape = (/** @type {KeyboardEvent} */ event) => {
      if (event.key !== "Escape") return;
      event.preventDefault(); // closes the question, not the drawer
      back();
    };
    item.classList.add("confirming");
    const question = el("div", { class: "confirm", role: "group", onkeydown: escape }, el("span", { t: "deleteAsk" }), remove, keep);
    actions.replaceChildren(question);
    keep.focus();
  }

  /**
   * @param {HTMLElement} item
   * @param {number} id
   * @param {string} title
   */
  async delete(item, id, title) {
    try {
      await api.deleteDocument(id);
    } catch (error) {
      if (!(error instanceof api.Problem && error.status === 404)) return this.complain(error);
    }
    const neighbour = item.nextElementSibling ?? item.previousElementSibling;
    item.remove();
    /** @type {HTMLElement} */ (neighbour?.querySelector(".note-title") ?? this.heading).focus();
    this.choose(id, null);
    this.say(say("deleted", { title }));
    tell(this, "deleted", { id, title });
    await this.refresh();
  }

  /**
   * @param {number} id
   * @param {string | null} title  null: no longer chosen
   */
  choose(id, title) {
    if (title === null) this.scope.delete(id);
    else this.scope.set(id, title);
    tell(this, "choose", { scope: this.scope });
  }
}

/**
 * The day of a moment where the reader is, as `2025-11-22`.
 * @param {string} moment  ISO 8601
 */
function dayOf(moment) {
  const date = new Date(moment);
  const two = (/** @type {number} */ n) => String(n).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

customElements.define("documents-drawer", DocumentsDrawer);
