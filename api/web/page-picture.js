/** `<page-picture>`: pages of a PDF as pictures, one at a time, with the quoted words in red boxes. */

import * as api from "./api.js";
import { button, el, isAbort, Latest } from "./dom.js";
import { say, write } from "./language.js";
import { phraseOf, problemOf } from "./trouble.js";

export class PagePicture extends HTMLElement {
  latest = new Latest();

  /**
   * @param {import("./api.js").SourceRef} source
   * @param {number} page
   * @param {import("./api.js").Span[]} lit  of the source, in code points
   */
  constructor(source, page, lit) {
    super();
    this.source = source;
    this.page = page;
    this.lit = lit;
    this.back = button("pageBefore", () => this.turn(-1));
    this.forward = button("pageAfter", () => this.turn(1));
    this.number = el("span", {});
    this.image = el("img", { hidden: true });
    this.problem = el("p", { class: "why", hidden: true });
    this.sheet = el("div", { class: "sheet" }, this.image);
  }

  connectedCallback() {
    if (this.childElementCount) return;
    this.append(el("div", { class: "page-turner" }, this.back, this.number, this.forward), this.sheet, this.problem);
    void this.draw();
  }

  disconnectedCallback() {
    this.latest.next();
    URL.revokeObjectURL(this.image.src);
  }

  /** @param {number} by */
  turn(by) {
    this.page = Math.max(1, this.page + by);
    void this.draw();
  }

  async draw() {
    const signal = this.latest.next();
    this.setAttribute("aria-busy", "true");
    try {
      const { picture, boxes, pages } = await api.pagePicture(this.source.sha256, this.page, this.lit, signal);
      if (signal.aborted) return;
      URL.revokeObjectURL(this.image.src);
      this.image.src = URL.createObjectURL(picture);
      this.image.alt = say("pictureOf", { n: this.page, name: this.source.name });
      this.image.hidden = false;
      this.problem.hidden = true;
      this.show(boxes, pages);
    } catch (error) {
      if (isAbort(error)) return;
      write(this.problem, ...(problemOf(error).status === 0 ? phraseOf(problemOf(error)) : /** @type {[string, any]} */ (["pictureFailed", {}])));
      this.problem.hidden = false;
    }
    this.removeAttribute("aria-busy");
  }

  /**
   * @param {[number, number, number, number][]} boxes  left, top, right, bottom in shares of the page
   * @param {number} pages
   */
  show(boxes, pages) {
    write(this.number, "page", { n: this.page });
    this.back.disabled = this.page <= 1;
    this.forward.disabled = this.page >= pages;
    const marks = boxes.map(([left, top, right, bottom]) => {
      const mark = el("span", { class: "box" });
      // The policy of the page allows no style attribute, but properties set by a script.
      mark.style.left = `${left * 100}%`;
      mark.style.top = `${top * 100}%`;
      mark.style.width = `${(right - left) * 100}%`;
      mark.style.height = `${(bottom - top) * 100}%`;
      return mark;
    });
    this.sheet.replaceChildren(this.image, ...marks);
  }
}

customElements.define("page-picture", PagePicture);
