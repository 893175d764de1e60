/** What went wrong, in the interface's language and with what to do; the service's own words are kept beside it. */

import { Problem } from "./api.js";
import { el } from "./dom.js";
import { languageOf } from "./language.js";
import { limits } from "./limits.js";

/** By the last part of a problem's `type`. */
const BY_TYPE = {
  "not-ready": "notReady",
  busy: "busy",
  "model-unavailable": "modelMissing",
  model: "modelMissing",
  "store-locked": "storeLocked",
  "broken-citation": "brokenCitation",
  unauthorized: "keyMissing",
  forbidden: "notAllowed",
  "unsupported-format": "fileUnsupported",
  "source-too-large": "fileTooLarge",
  "unreadable-source": "fileDamaged",
  "not-found": "gone",
};
const BY_STATUS = { 0: "offline", 401: "keyMissing", 403: "notAllowed", 404: "gone", 413: "fileTooLarge", 429: "busy" };
const BY_KIND = {
  unsupported: "fileUnsupported",
  scanned: "fileScanned",
  limit: "fileLimit",
  empty: "fileEmpty",
  failed: "fileDamaged",
  left_out: "filePartly",
};

/** Of a file that was read but for some of it. */
const LEFT_OUT = { scanned: "pagesScanned", limit: "partBeyondLimit", failed: "partDamaged", unsupported: "partUnsupported" };

/**
 * @param {unknown} error
 * @returns {Problem}
 */
export function problemOf(error) {
  return error instanceof Problem ? error : new Problem(500, null);
}

/**
 * @param {Problem} problem
 * @returns {[string, any]} what to say of it: a key of the interface's words, and their variables
 */
export function phraseOf({ status, type, key, kind, cut }) {
  if (cut) return ["cutShort", {}];
  if (key === "question") return ["questionTooLong", { limit: limits.question }];
  const phrase = BY_KIND[kind ?? ""] ?? BY_TYPE[type] ?? BY_STATUS[status];
  if (phrase) return [phrase, { limit: limits.upload }];
  return [status >= 400 && status < 500 ? "badValue" : status === 503 ? "busy" : "serverFailed", {}];
}

/**
 * @param {Problem} problem
 * @returns {Node[]}
 */
export function told(problem) {
  return [el("span", { class: "told", t: phraseOf(problem) }), ...ownWords(problem.detail)];
}

/**
 * What of a file was not taken in.
 * @param {import("./api.js").Warning} warning
 */
export function leftOut({ kind, detail }) {
  return el("div", { class: "left-out" }, el("span", { t: LEFT_OUT[kind] ?? "filePartly" }), ...ownWords(detail));
}

/** @param {string | null} detail */
function ownWords(detail) {
  if (!detail) return [];
  const words = el("p", { lang: languageOf(detail) }, detail);
  return [el("details", { class: "own-words" }, el("summary", { t: "serverSaid" }), words)];
}
