/** Earlier questions with their answers, newest first, in this browser only. */

import { keep, recall } from "./storage.js";

/** @typedef {import("./api.js").Answer} Answer */

const KEY = "history";
const MOST = 50;

/** @returns {Answer[]} */
export function pastAnswers() {
  try {
    const kept = JSON.parse(recall(KEY) ?? "[]");
    return Array.isArray(kept) ? kept.filter(isAnswer) : [];
  } catch {
    return [];
  }
}

/** @param {Answer} answer */
export function remember(answer) {
  const others = pastAnswers().filter((past) => past.id !== answer.id && past.question !== answer.question);
  save([{ ...answer, hits: [] }, ...others].slice(0, MOST));
}

/** @param {string} id */
export function forget(id) {
  save(pastAnswers().filter((past) => past.id !== id));
}

/**
 * Forgets every answer that shows words of a document, which a person has just deleted.
 * @param {number} documentId
 */
export function forgetDocument(documentId) {
  save(pastAnswers().filter((past) => !shows(past, documentId)));
}

export function forgetAll() {
  keep(KEY, null);
}

/**
 * @param {Answer} answer
 * @param {number} documentId
 */
export function shows(answer, documentId) {
  return [...answer.citations, ...answer.hits, ...answer.nearest].some((it) => it.document_id === documentId);
}

/** @param {Answer[]} answers */
function save(answers) {
  let rest = answers;
  while (rest.length && !keep(KEY, JSON.stringify(rest))) rest = rest.slice(0, rest.length >> 1); // storage is full
  if (!rest.length) forgetAll();
}

/** @param {any} it */
function isAnswer(it) {
  const lists = ["claims", "citations", "hits", "nearest"];
  return (
    it !== null &&
    typeof it === "object" &&
    [it.id, it.question, it.status, it.answer].every((value) => typeof value === "string") &&
    lists.every((name) => Array.isArray(it[name]))
  );
}
