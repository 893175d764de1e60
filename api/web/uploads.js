/**
 * `<upload-list>`: files on their way in, one after another, each with its progress and what became of it.
 *
 * Tells `added`, `all-done`, `news`, and `open-place` for a document that has come in.
 */

import * as api from "./api.js";
import { button, el, tell } from "./dom.js";
import { say, write } from "./language.js";
import { leftOut, problemOf, told } from "./trouble.js";

/** @typedef {import("./dropping.js").Given} Given */

export class UploadList extends HTMLElement {
  /** @type {Promise<void>} */
  queue = Promise.resolve();
  done = 0;
  failed = 0;
  waiting = 0;

  connectedCallback() {
    this.summary = el("p", { class: "why", role: "status" });
    this.list = el("ul", { class: "uploads" });
    this.append(this.summary, this.list);
  }

  /** @param {Given[]} files */
  add(files) {
    const visible = files.filter(({ name }) => !isHidden(name));
    const hidden = files.length - visible.length;
    if (hidden) this.list.append(el("li", { class: "done" }, el("span", { class: "upload-state", t: ["hiddenSkipped", { n: hidden }] })));
    for (const given of visible) {
      const row = el("li", {});
      this.list.append(row);
      this.enqueue(row, given.name, (progress) => api.upload(given.file, given.name, progress));
    }
    return this.queue;
  }

  /**
   * @param {string} title
   * @param {string} text
   */
  addText(title, text) {
    const row = el("li", {});
    this.list.append(row);
    this.enqueue(row, title, () => api.addText(title, text));
    return this.queue;
  }

  /**
   * @param {HTMLElement} row
   * @param {string} name
   * @param {(progress: (share: number) => void) => Promise<api.Uploaded>} send
   */
  enqueue(row, name, send) {
    const bar = el("progress", { max: 1, value: 0, "aria-label": name });
    const state = el("span", { class: "upload-state", t: "waitingTurn" });
    row.className = "";
    row.replaceChildren(el("span", { class: "file" }, name), state, bar);
    this.waiting += 1;
    this.queue = this.queue.then(() => this.send(row, name, send, bar, state));
  }

  /**
   * @param {HTMLElement} row
   * @param {string} name
   * @param {(progress: (share: number) => void) => Promise<api.Uploaded>} send
   * @param {HTMLProgressElement} bar
   * @param {HTMLElement} state
   */
  async send(row, name, send, bar, state) {
    const progress = (/** @type {number} */ share) => {
      if (share < 1) {
        bar.value = share;
        return write(state, "sending", { percent: Math.round(share * 100) });
      }
      bar.removeAttribute("value"); // all sent; how long reading takes nobody knows
      return write(state, "ingesting");
    };
    progress(0);
    try {
      const uploaded = await send(progress);
      this.became(row, state, uploaded);
      this.done += 1;
    } catch (error) {
      const problem = problemOf(error);
      row.classList.add("failed");
      if (problem.detail) problem.detail = problem.detail.replace(`${name}: `, ""); // the row names it
      state.removeAttribute("data-t");
      state.replaceChildren(...told(problem));
      const isWorthIt = problem.status === 0 || problem.status >= 500;
      if (isWorthIt) row.append(button("retry", () => this.enqueue(row, name, send)));
      this.failed += 1;
    }
    bar.remove();
    this.waiting -= 1;
    if (!this.waiting) this.sumUp();
  }

  /**
   * @param {HTMLElement} row
   * @param {HTMLElement} state
   * @param {api.Uploaded} uploaded
   */
  became(row, state, { documents, failed, warnings = [], replaced = [] }) {
    if (failed.length) throw new api.Problem(422, failed.map(({ why }) => why).join("; "), { warnings });
    write(state, !documents.length ? "nothingRead" : replaced.length ? "addedInstead" : "added", { n: documents.length });
    row.append(...warnings.map(leftOut));
    row.classList.add(documents.length && !warnings.length ? "done" : documents.length ? "partly" : "failed");
    const [first] = documents;
    const place = () => ({ documentId: first.id, start: null, end: null, kind: "quote", spans: null, also: [], page: null });
    if (first) row.append(button("openIt", () => tell(this, "open-place", place()), { class: "plain open-added" }));
    tell(this, "added", { documents });
  }

  sumUp() {
    if (this.done + this.failed > 1) write(this.summary, "uploadsDone", { done: this.done, failed: this.failed });
    tell(this, "all-done");
    tell(this, "news", say("uploadsDone", { done: this.done, failed: this.failed }));
    this.done = this.failed = 0;
  }

  /** Drops the rows that have nothing more to say. */
  tidy() {
    for (const row of this.list.querySelectorAll("li.done, li.partly, li.failed")) row.remove();
    if (!this.waiting) this.summary.replaceChildren();
  }
}

/**
 * Files of the system and of version control, which nobody means to ask.
 * @param {string} name
 */
function isHidden(name) {
  return name.split("/").some((part) => part.startsWith("."));
}

customElements.define("upload-list", UploadList);
