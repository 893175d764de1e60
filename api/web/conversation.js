/**
 * The conversation on the page: its turns, one below the other, the newest last.
 *
 * What is asked is kept at once, so that a reload goes on where it was. Of several windows that show the same
 * conversation, one asks (the browser's lock says which) and the others show what it keeps.
 */

import { AnswerEntry } from "./answer-entry.js";
import * as api from "./api.js";
import { hear, isAbort, Latest, tell } from "./dom.js";
import { languageOf } from "./language.js";
import { navigate } from "./layers.js";
import { markSource } from "./notes.js";
import { nameOf, newTurn, ThreadStore } from "./threads.js";
import { whichAreGone } from "./presence.js";

/**
 * @typedef {import("./threads.js").Thread} Thread
 * @typedef {import("./threads.js").Turn} Turn
 */

/** Earlier questions that are sent along; the service takes twenty. */
const MOST_HISTORY = 10;

export class Conversation extends EventTarget {
  latest = new Latest();
  /** Turns that were begun here and are about to come onto the page. @type {Set<string>} */
  own = new Set();

  /**
   * @param {HTMLElement} log  where the turns go
   * @param {ThreadStore} store
   */
  constructor(log, store) {
    super();
    this.log = log;
    this.store = store;
    /** @type {Thread} */
    this.thread = store.begin();
    /** @type {AnswerEntry | null} the one that is being answered */
    this.current = null;
    hear(store, "threads", ({ id }) => this.catchUp(id));
  }

  /** @returns {AnswerEntry[]} */
  get entries() {
    return /** @type {AnswerEntry[]} */ ([...this.log.querySelectorAll("answer-entry")]);
  }

  get isEmpty() {
    return this.log.childElementCount === 0;
  }

  /**
   * @param {string} question
   * @param {import("./threads.js").Scope[]} documents
   */
  ask(question, documents) {
    this.current?.stop();
    this.log.querySelector(":scope > .trouble")?.remove(); // of a link that led nowhere
    if (this.store.isNew(this.thread.id)) navigate(`/#t=${this.thread.id}`);
    const [turn, thread] = [newTurn(question, documents), this.thread];
    // The lock comes first: once the turn is kept, another window that shows it would ask, too.
    void alone(turn.id, async () => {
      this.own.add(turn.id);
      this.store.putTurn(thread, turn); // which brings it onto the page
      const entry = this.entries.find((each) => each.turn.id === turn.id);
      if (!entry) return;
      this.bring(entry);
      await entry.ask();
    });
  }

  stop() {
    this.current?.stop();
  }

  /**
   * Shows a conversation, or an empty page for null. What is being answered in the one before goes on.
   * @param {Thread | null} thread
   * @param {string | null} [answerId]  the answer to bring into sight instead of the last one
   */
  show(thread, answerId = null) {
    this.settle(this.current);
    this.thread = thread ?? this.store.begin();
    this.log.replaceChildren();
    for (const turn of this.thread.turns) this.add(turn);
    const wanted = this.entries.find(({ answer }) => answer?.id === answerId) ?? this.entries.at(-1);
    if (wanted) this.bring(wanted);
    else scrollTo({ top: 0 });
    tell(this, "shown");
    void this.lookForGone();
  }

  /**
   * Puts a turn below the others, and asks it if it waits to be asked.
   * @param {Turn} turn
   */
  add(turn) {
    const entry = new AnswerEntry(turn);
    const { thread } = this;
    hear(entry, "turn", (changed) => this.store.putTurn(thread, changed.turn));
    hear(entry, "started", () => this.begin(entry));
    hear(entry, "settled", () => this.settle(entry));
    hear(entry, "removed", () => this.remove(entry));
    this.log.append(entry);
    if (turn.state === "asking" && !this.own.delete(turn.id)) void this.answer(entry, thread);
  }

  /**
   * Asks, unless another window does already; then waits in case that one is closed before the answer is there.
   * @param {AnswerEntry} entry
   * @param {Thread} thread
   */
  async answer(entry, thread) {
    await alone(entry.turn.id, async () => {
      const kept = this.store.read(thread.id)?.turns.find(({ id }) => id === entry.turn.id);
      if (entry.isConnected && kept?.state === "asking") await entry.ask();
    });
  }

  /**
   * @param {AnswerEntry} entry
   * @returns {string[]} oldest first
   */
  questionsBefore(entry) {
    const all = this.entries;
    const before = all.slice(0, Math.max(0, all.indexOf(entry)));
    return before.slice(-MOST_HISTORY).map(({ turn }) => turn.question);
  }

  /** @param {AnswerEntry} entry */
  begin(entry) {
    if (this.current !== entry) this.current?.stop();
    this.current = entry;
    entry.history = this.questionsBefore(entry);
    tell(this, "busy", { busy: true });
  }

  /** @param {AnswerEntry | null} entry */
  settle(entry) {
    if (!entry || entry !== this.current) return;
    this.current = null;
    tell(this, "busy", { busy: false });
  }

  /** @param {AnswerEntry} entry */
  remove(entry) {
    const next = /** @type {AnswerEntry | null} */ (entry.nextElementSibling ?? entry.previousElementSibling);
    entry.stop();
    this.settle(entry);
    entry.remove();
    this.store.removeTurn(this.thread, entry.turn.id);
    next?.heading.focus({ preventScroll: true });
  }

  /**
   * What is kept has changed, by this window or another.
   * @param {string | null} id
   */
  catchUp(id) {
    if (id !== null && id !== this.thread.id) return;
    const kept = this.store.get(this.thread.id);
    if (!kept) {
      if (!this.store.isNew(this.thread.id)) tell(this, "emptied");
      return;
    }
    this.thread = kept;
    const entries = this.entries;
    for (const entry of entries) {
      const turn = kept.turns.find((each) => each.id === entry.turn.id);
      if (turn) entry.update(turn);
      else entry.remove();
    }
    for (const turn of kept.turns) {
      if (!entries.some((entry) => entry.turn.id === turn.id)) this.add(turn);
    }
    tell(this, "shown");
  }

  /**
   * Brings a turn to the top of what is seen of the page.
   * @param {AnswerEntry} entry
   */
  bring(entry) {
    entry.scrollIntoView({ block: "start", behavior: "instant" });
  }

  /** Says of sources that have gone since they were quoted. */
  async lookForGone() {
    const signal = this.latest.next();
    const cited = new Set(this.entries.flatMap(({ answer }) => answer?.citations.map((each) => each.document_id) ?? []));
    try {
      for (const id of await whichAreGone(cited, signal)) markSource(this.log, id, "citationGone");
    } catch (error) {
      if (!isAbort(error) && !(error instanceof api.Problem)) throw error; // found out when it is opened, then
    }
  }
}

/**
 * Does something while no other window does the same.
 * @param {string} turnId
 * @param {() => Promise<void>} work
 */
async function alone(turnId, work) {
  if (!navigator.locks) return work(); // outside a secure context
  await navigator.locks.request(`chuchu.turn.${turnId}`, work);
}

/**
 * The name of a conversation as the page's heading.
 * @param {HTMLElement} heading
 * @param {Thread} thread
 */
export function writeTitle(heading, thread) {
  const name = nameOf(thread);
  heading.textContent = name;
  heading.lang = languageOf(name);
}

