/**
 * `<thread-list>`: the conversations of this browser. Beside the page on a wide screen, over it on a narrow one.
 *
 * Tells `new-thread`, `choose-thread` `{id}`, `delete-thread` `{id}` and `clear-threads`.
 */

import { button, el, hear, tell } from "./dom.js";
import { saveThread } from "./export.js";
import { languageOf, say, sayDate, write } from "./language.js";
import { cover } from "./layers.js";
import { nameOf, ThreadStore } from "./threads.js";

/** @typedef {import("./threads.js").Thread} Thread */

const BESIDE = matchMedia("(min-width: 64rem)");

export class ThreadList extends HTMLElement {
  /** @type {ThreadStore} */
  store;
  /** The conversation that is on the page. */
  currentId = "";
  /** The one whose row is opened for more. */
  openedId = "";
  uncover = () => {};

  connectedCallback() {
    this.heading = el("h2", { id: "threads-title", tabindex: -1, t: "threads" });
    this.search = el("input", { type: "search", class: "thread-search", label: "searchThreads", "data-t-placeholder": "searchThreads", oninput: () => this.render() });
    this.list = el("ol", { class: "threads" });
    this.empty = el("p", { class: "why" });
    this.notice = el("p", { class: "why thread-notice", role: "status", hidden: true });
    this.foot = el("div", { class: "thread-foot" });
    this.closer = button("close", () => this.close(), { class: "plain close" });
    this.inner = el(
      "div",
      { class: "thread-inner" },
      el("div", { class: "thread-head" }, this.heading, this.closer),
      button("newThread", () => this.choose(null), { class: "seal-line new-thread" }),
      this.search,
      this.notice,
      this.list,
      this.empty,
      this.foot,
    );
    this.aside = el("aside", { class: "rail", "aria-labelledby": "threads-title" });
    this.dialog = el("dialog", { class: "rail-sheet", "aria-labelledby": "threads-title" });
    this.dialog.addEventListener("close", () => this.left());
    this.dialog.addEventListener("click", (/** @type {Event} */ event) => event.target === this.dialog && this.close());
    this.append(this.aside, this.dialog);
    BESIDE.addEventListener("change", () => this.place());
    this.place();
  }

  /** @param {ThreadStore} store */
  use(store) {
    this.store = store;
    hear(store, "threads", () => this.render());
    hear(store, "dropped", (vars) => {
      write(this.notice, "dropped", vars);
      this.notice.hidden = false;
      tell(this, "news", this.notice.textContent);
    });
    this.offerClear(false);
    this.render();
  }

  /** Puts the list where the screen has room for it. */
  place() {
    if (this.dialog.open) this.close();
    (BESIDE.matches ? this.aside : this.dialog).append(this.inner);
    this.closer.hidden = BESIDE.matches;
  }

  /** Over the page; where the list stands beside it but the source panel took its room, too. */
  open() {
    this.dialog.append(this.inner);
    this.closer.hidden = false;
    this.dialog.showModal();
    this.uncover = cover(() => this.close());
    this.heading.focus();
  }

  close() {
    if (this.dialog.open) this.dialog.close();
    this.left();
  }

  left() {
    this.uncover();
    this.uncover = () => {};
    if (BESIDE.matches && !this.dialog.open) this.aside.append(this.inner);
    this.closer.hidden = BESIDE.matches;
  }

  /** @param {string} id */
  setCurrent(id) {
    this.currentId = id;
    this.render();
  }

  /** @param {string | null} id  null: a new one */
  choose(id) {
    tell(this, id === null ? "new-thread" : "choose-thread", { id });
    if (this.dialog.open) this.close();
  }

  render() {
    const wanted = this.search.value.trim().toLowerCase();
    const all = this.store.list();
    const found = wanted ? all.filter((thread) => holds(thread, wanted)) : all;
    const active = /** @type {HTMLElement | null} */ (document.activeElement)?.dataset?.focus ?? null;
    this.list.replaceChildren(...found.map((thread) => this.row(thread)));
    this.empty.hidden = found.length > 0;
    if (!found.length) write(this.empty, all.length ? "noneFound" : "noThreads");
    this.foot.hidden = !all.length;
    if (active) this.list.querySelector(`[data-focus="${CSS.escape(active)}"]`)?.focus();
  }

  /** @param {Thread} thread */
  row(thread) {
    const { id, changed } = thread;
    const name = nameOf(thread);
    const isCurrent = id === this.currentId;
    const title = el(
      "button",
      { type: "button", class: "thread-name", "aria-current": isCurrent ? "true" : null, "data-focus": `name-${id}`, lang: languageOf(name), onclick: () => this.choose(id) },
      el("span", { class: "thread-title" }, name),
      el("span", { class: "thread-day" }, dayOf(changed)),
    );
    const isOpened = id === this.openedId;
    const more = el("button", { type: "button", class: "thread-more", "aria-expanded": String(isOpened), "data-focus": `more-${id}`, label: ["threadMore", { name }], onclick: () => this.toggle(id) });
    more.append(el("span", { "aria-hidden": "true" }, "⋯"));
    const item = el("li", { class: isCurrent ? "current" : null }, title, more);
    if (isOpened) item.append(this.actions(item, thread));
    return item;
  }

  /** @param {string} id */
  toggle(id) {
    this.openedId = this.openedId === id ? "" : id;
    this.render();
  }

  /**
   * @param {HTMLElement} item
   * @param {Thread} thread
   */
  actions(item, thread) {
    const save = () => tell(this, "news", say("exported", { name: saveThread(thread) }));
    return el(
      "div",
      { class: "thread-actions" },
      button("rename", () => this.rename(item, thread)),
      button("export", save),
      button("deleteThread", () => this.confirmDelete(item, thread), { class: "plain danger" }),
    );
  }

  /**
   * @param {HTMLElement} item
   * @param {Thread} thread
   */
  rename(item, thread) {
    const field = el("input", { class: "thread-rename", label: "renameLabel", maxlength: 200 });
    field.value = nameOf(thread);
    const done = (/** @type {boolean} */ isKept) => {
      this.openedId = "";
      if (isKept) this.store.rename(thread, field.value);
      this.render();
      this.list.querySelector(`[data-focus="more-${CSS.escape(thread.id)}"]`)?.focus();
    };
    field.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
      if (event.isComposing || event.keyCode === 229 || !["Enter", "Escape"].includes(event.key)) return;
      event.preventDefault();
      event.stopPropagation();
      done(event.key === "Enter");
    });
    item.replaceChildren(field, el("div", { class: "thread-actions" }, button("renameKeep", () => done(true)), button("cancelRename", () => done(false))));
    field.select();
  }

  /**
   * @param {HTMLElement} item
   * @param {Thread} thread
   */
  confirmDelete(item, thread) {
    const keep = button("cancel", () => this.toggle(thread.id));
    const remove = () => {
      this.openedId = "";
      tell(this, "delete-thread", { id: thread.id });
      this.heading.focus();
    };
    item.lastElementChild?.replaceWith(
      el("div", { class: "thread-actions", role: "group" }, el("span", { class: "why", t: "deleteThreadAsk" }), button("deleteThread", remove, { class: "plain danger" }), keep),
    );
    keep.focus();
  }

  /** @param {boolean} focus */
  offerClear(focus) {
    const clear = button("clear", () => this.confirmClear());
    this.foot.replaceChildren(el("p", { class: "why", t: this.store.persistent ? "keptHere" : "notKept" }), clear);
    if (focus) clear.focus();
  }

  confirmClear() {
    const clear = () => {
      this.offerClear(false);
      tell(this, "clear-threads");
      this.heading.focus();
    };
    const keep = button("cancel", () => this.offerClear(true));
    this.foot.replaceChildren(el("p", { class: "why", t: "clearAsk" }), button("clear", clear, { class: "plain danger" }), keep);
    keep.focus();
  }
}

/**
 * @param {Thread} thread
 * @param {string} wanted  in lower case
 */
function holds(thread, wanted) {
  const texts = [nameOf(thread), ...thread.turns.flatMap(({ question, answer }) => [question, answer?.answer ?? ""])];
  return texts.some((text) => text.toLowerCase().includes(wanted));
}

/** @param {number} moment */
function dayOf(moment) {
  const date = new Date(moment);
  const two = (/** @type {number} */ n) => String(n).padStart(2, "0");
  const isToday = date.toDateString() === new Date().toDateString();
  if (isToday) return `${two(date.getHours())}:${two(date.getMinutes())}`;
  return sayDate(`${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`);
}

customElements.define("thread-list", ThreadList);
