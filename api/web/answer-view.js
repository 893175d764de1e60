/** An answer as DOM: the short one large, claims with their markers, readings side by side, or a refusal. */

import { claimView, claimViews, decision } from "./claims.js";
import { el, tell } from "./dom.js";
import { languageOf } from "./language.js";
import { markersOf, meanings, notes } from "./notes.js";
import { consulted, nearest, origin } from "./passages.js";

/**
 * @typedef {import("./api.js").Answer} Answer
 * @typedef {import("./api.js").Claim} Claim
 */

/**
 * @param {Answer} answer
 * @returns {HTMLElement}
 */
export function answerView(answer) {
  const views = { answered, conflicting, not_found: refused, insufficient: refused };
  const view = views[answer.status] ?? answered;
  return el("div", { class: `answer ${answer.status}` }, follows(answer), said(answer.notice), said(answer.frame), ...view(answer));
}

/**
 * A claim whose citations are still on their way.
 * @param {Claim} claim
 */
export function pendingClaim(claim) {
  const markers = claim.citations.map((n) => el("span", { class: "marker pending" }, String(n)));
  return claimView(claim, null, markers);
}

/**
 * How the question was understood, where an earlier one helped; one press asks it on its own.
 * @param {Answer} answer
 */
function follows({ asked }) {
  if (!asked?.from_history) return null;
  return el(
    "p",
    { class: "follows" },
    el(
      "span",
      { class: "follows-chip" },
      el("span", { t: "follows" }),
      el("button", { type: "button", label: "alone" }, el("span", { "aria-hidden": "true" }, "×")),
    ),
    el("span", { class: "follows-how", t: ["followsHow", { text: asked.text }] }),
  );
}

/** @param {any} notice  a sentence of the service about this answer */
function said(notice) {
  const text = typeof notice === "string" ? notice : notice?.text;
  return text ? el("p", { class: "notice", lang: languageOf(text) }, text) : null;
}

/** @param {Answer} answer */
function answered(answer) {
  if (!answer.claims.length) return [el("p", { class: "claim courtesy", lang: languageOf(answer.answer) }, answer.answer)];
  const claims = claimViews(answer, (claim) => markersOf(claim, answer));
  return [shortAnswer(answer), el("div", { class: "claims" }, ...claims), struck(answer), notes(answer), consulted(answer.hits)];
}

/** @param {Answer} answer */
function shortAnswer({ short_answer: short, claims }) {
  if (!short || (claims.length === 1 && bare(claims[0].text) === bare(short))) return null; // it is not said twice
  const decided = decision(short) === null ? "" : " decided";
  const size = short.length > 24 ? "long" : short.length > 10 ? "middling" : "brief";
  return el("p", { class: `short ${size}${decided}`, lang: languageOf(short) }, short);
}

/** @param {string} text */
function bare(text) {
  return text.replace(/[\s。.!！]+$/, "");
}

/**
 * Sentences that a language model wrote and that its sources do not bear out.
 * @param {Answer} answer
 */
function struck({ struck: given }) {
  const sentences = Array.isArray(given) ? given.map((each) => (typeof each === "string" ? each : (each?.text ?? ""))).filter(Boolean) : [];
  const n = sentences.length || Number(given) || 0;
  if (!n) return null;
  if (!sentences.length) return el("p", { class: "struck why", t: ["struck", { n }] });
  const items = sentences.map((text) => el("li", {}, el("s", { lang: languageOf(text) }, text)));
  return el("details", { class: "struck" }, el("summary", { t: ["struck", { n }] }), el("ul", {}, ...items));
}

/** @param {Answer} answer */
function conflicting(answer) {
  const readings = answer.claims.map((claim, index) => {
    const cited = answer.citations.filter(({ marker: n }) => claim.citations.includes(n));
    return el(
      "li",
      { class: "reading" },
      el("h4", { t: ["reading_n", { n: index + 1 }] }),
      claimView(claim, answer.short_answer, markersOf(claim, answer)),
      ...cited.map(({ title, published, source }) =>
        el("p", { class: "reading-source" }, el("cite", { lang: languageOf(title) }, title), origin(published, source.name, 0)),
      ),
      ...cited.map(meanings),
    );
  });
  return [
    el("h3", { class: "conflict-title", t: "conflicting" }),
    el("p", { class: "why", t: "conflictingWhy" }),
    shortAnswer(answer),
    el("ol", { class: "readings" }, ...readings),
    consulted(answer.hits),
  ];
}

/** @param {Answer} answer */
function refused(answer) {
  const words = el("p", { class: "refusal", lang: languageOf(answer.answer) }, answer.answer);
  return [el("div", { class: "refused" }, el("strong", { t: "refusedTitle" }), words), maybe(answer), nearest(answer.nearest)];
}

/**
 * The likeliest words, where the service is not sure enough to call them the answer; they open where they stand.
 * @param {Answer} answer
 */
function maybe({ maybe: given }) {
  if (!given) return null;
  const { text, document_id: documentId, start, end } = given;
  const open = (/** @type {Event} */ event) =>
    tell(/** @type {EventTarget} */ (event.currentTarget), "open-place", { documentId, start, end, kind: "near", spans: null, also: [], page: null });
  const words = el("button", { type: "button", class: "note-title", lang: languageOf(text), onclick: open }, text);
  return el("div", { class: "maybe", "data-document": documentId }, el("h3", { t: "maybe" }), words);
}
