/** `<upload-list>`: files on their way in, one after another, each with its progress or what was wrong with it. */

import * as api from "./api.js";
import { el, tell } from "./dom.js";
import { languageOf, write } from "./language.js";

export class UploadList extends HTMLElement {
  /** @type {Promise<void>} */
  queue = Promise.resolve();

  connectedCallback() {
    this.list = el("ul", { class: "uploads" });
    this.append(this.list);
  }

  /** @param {Iterable<File>} files */
  add(files) {
    for (const file of files) {
      const state = el("span", { class: "upload-state", role: "status" });
      const bar = el("progress", { max: 1, value: 0, "aria-label": file.name });
      const row = el("li", {}, el("span", { class: "file" }, file.name), bar, state);
      this.list.append(row);
      this.queue = this.queue.then(() => this.send(file, row, bar, state));
    }
    return this.queue;
  }

  /**
   * @param {File} file
   * @param {HTMLElement} row
   * @param {HTMLProgressElement} bar
   * @param {HTMLElement} state
   */
  async send(file, row, bar, state) {
    const progress = (/** @type {number} */ share) => {
      if (share < 1) {
        bar.value = share;
        return write(state, "sending", { percent: Math.round(share * 100) });
      }
      bar.removeAttribute("value"); // all sent; how long reading takes nobody knows
      return write(state, "ingesting");
    };
    try {
      const { documents, failed, warnings = [], replaced = [] } = await api.upload(file, progress);
      if (failed.length) throw new api.Problem(422, failed.map(({ why }) => why).join("; "));
      const became = replaced.length ? "addedInstead" : "added";
      write(state, documents.length ? became : "nothingRead", { n: documents.length });
      row.append(...warnings.map(leftOut));
      row.classList.add(documents.length && !warnings.length ? "done" : documents.length ? "partly" : "failed");
      tell(this, "added", { documents });
    } catch (error) {
      const problem = error instanceof api.Problem ? error : new api.Problem(500, null);
      row.classList.add("failed");
      if (problem.detail) state.textContent = problem.detail.replace(`${file.name}: `, ""); // the row names it
      else write(state, problem.status ? "serverFailed" : "offline");
    }
    bar.remove();
  }

  /** Drops the rows that have nothing more to say. */
  tidy() {
    for (const row of this.list.querySelectorAll("li.done, li.partly, li.failed")) row.remove();
  }
}

/**
 * What of a file was not taken in, in the service's own words.
 * @param {api.Warning} warning
 */
function leftOut({ detail }) {
  return el("p", { class: "left-out" }, el("span", { t: "leftOut" }), el("span", { lang: languageOf(detail) }, detail));
}

customElements.define("upload-list", UploadList);
