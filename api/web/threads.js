/**
 * The conversations of this browser: kept in `localStorage`, one key a conversation, so that tabs that write to
 * different ones do not get in each other's way. Without storage they live as long as the page.
 *
 * Tells `threads` `{id}` when one changed here or in another tab (`id` null: many), `dropped` `{n}` when the storage
 * was full and the oldest had to go.
 */

import { tell } from "./dom.js";
import { keep, keptKeys, listen, recall } from "./storage.js";

/**
 * @typedef {import("./api.js").Answer} Answer
 * @typedef {{id: number, title: string}} Scope
 * @typedef {"asking" | "answered" | "stopped" | "failed" | "forgotten"} State
 * @typedef {{id: string, question: string, documents: Scope[], alone: boolean, state: State, asked: number,
 *     answer: Answer | null, lost: string | null}} Turn  `alone`: asked without what came before it;
 *     `lost`: the title of the deleted document that took the answer with it
 * @typedef {{id: string, name: string | null, created: number, changed: number, turns: Turn[]}} Thread
 *     `name`: null as long as it goes by its first question
 */

const PREFIX = "thread.";
const OLD_HISTORY = "history";
const MOST = 500;

export class ThreadStore extends EventTarget {
  /** @type {Map<string, Thread>} */
  threads = new Map();
  /** Begun, but nothing was asked in it yet. @type {Set<string>} */
  begun = new Set();
  persistent = true;

  constructor() {
    super();
    for (const key of keptKeys(PREFIX)) this.read(key.slice(PREFIX.length));
    takeOver(this);
    listen(PREFIX, (key) => {
      const id = key === null ? null : key.slice(PREFIX.length);
      if (id !== null) this.read(id);
      else this.threads.clear();
      tell(this, "threads", { id });
    });
  }

  /** @returns {Thread[]} the last one that was spoken in first */
  list() {
    return [...this.threads.values()].toSorted((a, b) => b.changed - a.changed);
  }

  /** @param {string} id */
  get(id) {
    return this.threads.get(id) ?? null;
  }

  /** @returns {Thread} a new one, not kept before something is asked in it */
  begin() {
    const [id, now] = [newId(), Date.now()];
    this.begun.add(id);
    return { id, name: null, created: now, changed: now, turns: [] };
  }

  /** @param {string} id */
  isNew(id) {
    return this.begun.has(id);
  }

  /**
   * Changes a conversation as it is now, whatever another tab made of it since it was read. What was deleted
   * meanwhile stays deleted.
   * @param {Thread} thread
   * @param {(thread: Thread) => void} change
   */
  change(thread, change) {
    const fresh = this.read(thread.id) ?? (this.isNew(thread.id) ? thread : null);
    if (!fresh) return;
    change(fresh);
    this.save(fresh);
  }

  /**
   * @param {Thread} thread
   * @param {Turn} turn  new, or in place of the one of its id
   */
  putTurn(thread, turn) {
    this.change(thread, (fresh) => {
      const at = fresh.turns.findIndex(({ id }) => id === turn.id);
      if (at < 0) fresh.turns.push(turn);
      else fresh.turns[at] = turn;
      fresh.changed = Date.now();
    });
  }

  /**
   * @param {Thread} thread
   * @param {string} turnId
   */
  removeTurn(thread, turnId) {
    this.change(thread, (fresh) => {
      fresh.turns = fresh.turns.filter(({ id }) => id !== turnId);
    });
    if (!this.get(thread.id)?.turns.length) this.delete(thread.id);
  }

  /**
   * @param {Thread} thread
   * @param {string} name  blank: it goes by its first question again
   */
  rename(thread, name) {
    this.change(thread, (fresh) => {
      fresh.name = name.trim() || null;
    });
  }

  /** @param {string} id */
  delete(id) {
    this.threads.delete(id);
    keep(PREFIX + id, null);
    tell(this, "threads", { id });
  }

  clear() {
    for (const id of [...this.threads.keys()]) keep(PREFIX + id, null);
    this.threads.clear();
    tell(this, "threads", { id: null });
  }

  /**
   * Takes the words of a document that a person has just deleted out of every answer.
   * @param {number} documentId
   * @param {string} title
   */
  forgetDocument(documentId, title) {
    for (const thread of this.list()) {
      if (!thread.turns.some(({ answer }) => answer && shows(answer, documentId))) continue;
      this.change(thread, (fresh) => {
        fresh.turns = fresh.turns.map((turn) => withoutDocument(turn, documentId, title));
      });
    }
  }

  /**
   * @param {string} answerId
   * @returns {{thread: Thread, turn: Turn} | null}
   */
  findAnswer(answerId) {
    for (const thread of this.list()) {
      const turn = thread.turns.find(({ answer }) => answer?.id === answerId);
      if (turn) return { thread, turn };
    }
    return null;
  }

  /**
   * What is kept of a conversation now.
   * @param {string} id
   */
  read(id) {
    if (!this.persistent) return this.get(id);
    const thread = parsed(recall(PREFIX + id));
    if (thread) this.threads.set(id, thread);
    else this.threads.delete(id);
    return thread;
  }

  /** @param {Thread} thread */
  save(thread) {
    this.begun.delete(thread.id);
    this.threads.set(thread.id, thread);
    const others = this.list().filter(({ id }) => id !== thread.id);
    const surplus = others.splice(MOST - 1);
    for (const { id } of surplus) this.delete(id);
    let dropped = surplus.length;
    while (!keep(PREFIX + thread.id, JSON.stringify(thread))) {
      const oldest = others.pop();
      if (!oldest) {
        this.persistent = false; // no room for one, or no storage at all
        break;
      }
      this.delete(oldest.id);
      dropped += 1;
    }
    if (dropped) tell(this, "dropped", { n: dropped });
    tell(this, "threads", { id: thread.id });
  }
}

/**
 * What a conversation is called.
 * @param {Thread} thread
 */
export function nameOf({ name, turns }) {
  return name ?? turns[0]?.question ?? "";
}

/**
 * @param {Answer} answer
 * @param {number} documentId
 */
export function shows(answer, documentId) {
  return [...answer.citations, ...answer.hits, ...answer.nearest].some((it) => it.document_id === documentId);
}

/** @returns {string} */
export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(9));
  return Array.from(bytes, (byte) => byte.toString(36).padStart(2, "0")).join("");
}

/**
 * @param {string} question
 * @param {Scope[]} documents
 * @returns {Turn}
 */
export function newTurn(question, documents = []) {
  return { id: newId(), question, documents, alone: false, state: "asking", asked: Date.now(), answer: null, lost: null };
}

/**
 * @param {Turn} turn
 * @param {number} documentId
 * @param {string} title
 * @returns {Turn}
 */
function withoutDocument(turn, documentId, title) {
  const { answer } = turn;
  if (!answer) return turn;
  const isOther = (/** @type {{document_id: number}} */ it) => it.document_id !== documentId;
  if (!answer.citations.every(isOther)) return { ...turn, state: "forgotten", answer: null, lost: title };
  return { ...turn, answer: { ...answer, hits: answer.hits.filter(isOther), nearest: answer.nearest.filter(isOther) } };
}

/**
 * @param {string | null} kept
 * @returns {Thread | null} null for nonsense
 */
function parsed(kept) {
  try {
    const thread = JSON.parse(kept ?? "null");
    if (!thread || typeof thread.id !== "string" || !Array.isArray(thread.turns)) return null;
    thread.turns = thread.turns.filter(isTurn);
    return thread;
  } catch {
    return null;
  }
}

/** @param {any} it */
function isTurn(it) {
  if (it === null || typeof it !== "object" || typeof it.id !== "string" || typeof it.question !== "string") return false;
  return it.answer === null || isAnswer(it.answer);
}

/** @param {any} it */
function isAnswer(it) {
  const lists = ["claims", "citations", "hits", "nearest"];
  return (
    typeof it === "object" &&
    [it.id, it.question, it.status, it.answer].every((value) => typeof value === "string") &&
    lists.every((name) => Array.isArray(it[name]))
  );
}

/**
 * Before there were conversations, single answers were kept: each becomes one.
 * @param {ThreadStore} store
 */
function takeOver(store) {
  try {
    const answers = JSON.parse(recall(OLD_HISTORY) ?? "[]");
    for (const [index, answer] of answers.filter(isAnswer).toReversed().entries()) {
      const thread = { ...store.begin(), changed: index + 1 };
      thread.turns.push({ ...newTurn(answer.question), state: "answered", answer });
      store.save(thread);
    }
  } catch {
    // nonsense is not taken over
  }
  keep(OLD_HISTORY, null);
}
