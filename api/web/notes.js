/** The sources of an answer: their markers in the text, and the notes below it. */

import { el, tell } from "./dom.js";
import { languageOf, write } from "./language.js";
import { origin, standing } from "./passages.js";

/**
 * @typedef {import("./api.js").Answer} Answer
 * @typedef {import("./api.js").Citation} Citation
 * @typedef {import("./api.js").Claim} Claim
 */

/**
 * What follows a claim: its markers, and a verdict that is worth a word.
 * @param {Claim} claim
 * @param {Answer} answer
 * @returns {Node[]}
 */
export function markersOf(claim, answer) {
  const verdict = claim.verdict === "partly" || claim.verdict === "unsupported" ? claim.verdict : null;
  const cited = claim.citations.map((n) => answer.citations.find(({ marker }) => marker === n));
  const markers = cited.filter((citation) => citation !== undefined).map(marker);
  return verdict ? [...markers, el("span", { class: "verdict", t: verdict })] : markers;
}

/** @param {Citation} citation */
function marker(citation) {
  return el(
    "button",
    {
      type: "button",
      class: "marker",
      "data-document": citation.document_id,
      label: ["marker", { n: citation.marker, title: citation.title }],
      onclick: (/** @type {Event} */ event) => openCitation(event, citation),
    },
    String(citation.marker),
  );
}

/**
 * @param {Event} event
 * @param {Citation} citation
 */
function openCitation(event, citation) {
  tell(/** @type {EventTarget} */ (event.currentTarget), "open-place", {
    documentId: citation.document_id,
    start: citation.start,
    end: citation.end,
    kind: "quote",
    spans: citation.source.spans,
    also: citation.also_in ?? [],
    page: citation.where?.page ?? null,
  });
}

/** @param {Answer} answer */
export function notes(answer) {
  if (!answer.citations.length) return null;
  const said = new Set(answer.claims.map(({ text }) => text));
  const items = answer.citations.map((citation) => note(citation, !said.has(citation.quote)));
  return el("aside", { class: "notes" }, el("h3", { t: "sources" }), el("ol", {}, ...items));
}

/**
 * @param {Citation} citation
 * @param {boolean} quoted  whether to show the quote, which the claim does not repeat
 */
function note(citation, quoted) {
  const title = citation.title || citation.source.name;
  const open = (/** @type {Event} */ event) => openCitation(event, citation);
  return el(
    "li",
    { "data-document": citation.document_id },
    el("span", { class: "note-number", "aria-hidden": "true" }, String(citation.marker)),
    el(
      "div",
      { class: "note-body" },
      el("button", { type: "button", class: "note-title", lang: languageOf(title), onclick: open }, title),
      origin(citation.published, citation.source.name === title ? undefined : citation.source.name, citation.also_in?.length ?? 0),
      standing(citation.where, quoted),
      el("p", { class: "note-gone", hidden: true }),
      quoted ? el("blockquote", { lang: languageOf(citation.quote) }, citation.quote) : null,
      meanings(citation),
    ),
  );
}

/**
 * Which year or day the quote's 今年 or yesterday is.
 * @param {Citation} citation
 */
export function meanings({ dates = [] }) {
  if (!dates.length) return null;
  const once = [...new Map(dates.map((date) => [date.text, date])).values()];
  const items = once.map(({ text, means }) => el("span", {}, el("span", { t: ["meant", { text }] }), " ", el("span", { "data-date": means })));
  return el("p", { class: "meant" }, ...items);
}

/**
 * Says of every source in `root` that is no longer what it was.
 * @param {HTMLElement} root
 * @param {number} documentId
 * @param {"citationGone" | "citationChanged"} what
 */
export function markSource(root, documentId, what) {
  for (const place of root.querySelectorAll(`[data-document="${Number(documentId)}"]`)) {
    place.classList.add("outdated");
    const words = /** @type {HTMLElement | null} */ (place.querySelector(".note-gone"));
    if (!words) continue;
    write(words, what);
    words.hidden = false;
  }
}
