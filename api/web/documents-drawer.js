/**
 * `<documents-drawer>`: what is there to be asked; add, open, choose, delete.
 *
 * Tells `open-place`, `choose` `{scope: Map<id, title>}`, `deleted` `{id}`, `news` and `changed`.
 */

import * as api from "./api.js";
import { el, isAbort, Latest, tell } from "./dom.js";
import { languageOf, say, write } from "./language.js";
import { UploadList } from "./uploads.js";

export class DocumentsDrawer extends HTMLElement {
  latest = new Latest();
  /** @type {Map<number, string>} */
  scope = new Map();
  /** @type {number | string | null} */
  next = null;
  uploads = /** @type {UploadList} */ (el("upload-list"));

  connectedCallback() {
    this.input = el("input", {
      type: "file",
      multiple: true,
      hidden: true,
      onchange: () => {
        this.upload(this.input.files);
        this.input.value = ""; // the same file may be chosen again
      },
    });
    const pick = el("button", { type: "button", class: "seal-line", t: "addFiles", onclick: () => this.input.click() });
    this.heading = el("h2", { id: "documents-title", tabindex: -1, t: "documents" });
    this.uploads.addEventListener("added", () => this.refresh());
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
        el("div", { class: "adding" }, pick, this.input, el("span", { class: "hint", t: "addHint" })),
      ),
      el("div", { class: "drawer-body" }, this.uploads, this.notice, this.list, this.more),
    );
    this.dialog.addEventListener("close", () => this.uploads.tidy());
    this.dialog.addEventListener("click", (/** @type {Event} */ event) => {
      if (event.target === this.dialog) this.dialog.close();
    });
    this.append(this.dialog);
  }

  open() {
    if (!this.dialog.open) this.dialog.showModal();
    this.heading.focus();
    void this.reload();
  }

  /** @param {Iterable<File> | null} files */
  upload(files) {
    if (!files) return;
    this.open();
    void this.uploads.add([...files]);
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
    const problem = error instanceof api.Problem ? error : new api.Problem(500, null);
    this.say(problem.detail ?? say(problem.status ? "serverFailed" : "offline"));
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
      tell(this, "open-place", { documentId: id, start: null, end: null, kind: "quote", spans: null, also: [] });
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
    tell(this, "deleted", { id });
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
