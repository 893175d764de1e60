/** An answer as DOM: claims with their markers, readings side by side, notes, or a refusal. */

import { el, tell } from "./dom.js";
import { languageOf } from "./language.js";

/**
 * @typedef {import("./api.js").Answer} Answer
 * @typedef {import("./api.js").Citation} Citation
 * @typedef {import("./api.js").Claim} Claim
 * @typedef {import("./api.js").Hit} Hit
 */

/**
 * @param {Answer} answer
 * @returns {HTMLElement}
 */
export function answerView(answer) {
  const views = { answered, conflicting, not_found: refused, insufficient: refused };
  const view = views[answer.status] ?? answered;
  return el("div", { class: `answer ${answer.status}` }, ...view(answer));
}

/**
 * A claim whose citations are still on their way.
 * @param {Claim} claim
 */
export function pendingClaim(claim) {
  const markers = claim.citations.map((n) => el("span", { class: "marker pending" }, String(n)));
  return el("p", { class: "claim", lang: languageOf(claim.text) }, claim.text, ...markers);
}

/** @param {Answer} answer */
function answered(answer) {
  if (!answer.claims.length) return [el("p", { class: "courtesy", lang: languageOf(answer.answer) }, answer.answer)];
  return [shortAnswer(answer), claims(answer), notes(answer), consulted(answer.hits)];
}

/** @param {Answer} answer */
function shortAnswer({ short_answer: short }) {
  if (!short) return null;
  const size = short.length > 24 ? "long" : short.length > 10 ? "middling" : "brief";
  return el("p", { class: `short ${size}`, lang: languageOf(short) }, short);
}

/** @param {Answer} answer */
function claims(answer) {
  const rows = answer.claims.map((claim) =>
    el("p", { class: "claim", lang: languageOf(claim.text) }, ...claimParts(claim, answer)),
  );
  return el("div", { class: "claims" }, ...rows);
}

/**
 * @param {Claim} claim
 * @param {Answer} answer
 */
function claimParts(claim, answer) {
  const cited = claim.citations.map((n) => answer.citations.find(({ marker }) => marker === n));
  const verdict = claim.verdict === "partly" || claim.verdict === "unsupported" ? claim.verdict : null;
  return [
    ...stressed(claim.text, answer.short_answer),
    ...cited.map((citation) => citation && marker(citation)),
    verdict && el("span", { class: "verdict", t: verdict }),
  ];
}

/**
 * The bare fact inside its sentence, stressed the way print does.
 * @param {string} text
 * @param {string | null} fact
 */
function stressed(text, fact) {
  const at = fact ? text.indexOf(fact) : -1;
  if (!fact || at < 0 || fact.length > text.length / 2) return [text];
  return [text.slice(0, at), el("em", { class: fact.length > 12 ? "fact" : "fact brief" }, fact), text.slice(at + fact.length)];
}

/** @param {Citation} citation */
function marker(citation) {
  return el(
    "button",
    {
      type: "button",
      class: "marker",
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
  });
}

/** @param {Answer} answer */
function notes(answer) {
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
  return el(
    "li",
    {},
    el("span", { class: "note-number", "aria-hidden": "true" }, String(citation.marker)),
    el(
      "div",
      { class: "note-body" },
      el(
        "button",
        {
          type: "button",
          class: "note-title",
          lang: languageOf(title),
          onclick: (/** @type {Event} */ event) => openCitation(event, citation),
        },
        title,
      ),
      origin(citation.published, citation.source.name, citation.also_in?.length ?? 0),
      standing(citation.where),
      quoted && el("blockquote", { lang: languageOf(citation.quote) }, citation.quote),
      meanings(citation),
    ),
  );
}

/**
 * Which year or day the quote's 今年 or yesterday is.
 * @param {Citation} citation
 */
function meanings({ dates = [] }) {
  if (!dates.length) return null;
  const once = [...new Map(dates.map((date) => [date.text, date])).values()];
  const items = once.map(({ text, means }) => el("span", {}, el("span", { t: ["meant", { text }] }), " ", el("span", { "data-date": means })));
  return el("p", { class: "meant" }, ...items);
}

/**
 * @param {string | null | undefined} published
 * @param {string | undefined} name
 * @param {number} copies
 */
function origin(published, name, copies) {
  return el(
    "span",
    { class: "origin" },
    published ? el("span", { "data-date": published }) : null,
    name ? el("span", { class: "file" }, name) : null,
    copies > 0 ? el("span", { t: ["also", { n: copies }] }) : null,
  );
}

/**
 * Where a passage stands: the path of its headings, its page, the cells of its row under their heads.
 * @param {import("./api.js").Where | undefined} where
 */
function standing(where) {
  if (!where) return null;
  const { headings = [], page = null, row = null, ocr = false } = where;
  const cells = Object.entries(row ?? {}).map(([head, cell]) => el("span", { class: "cell" }, el("b", {}, head), " ", cell));
  if (!headings.length && page === null && !cells.length && !ocr) return null;
  return el(
    "span",
    { class: "standing" },
    headings.length ? el("span", { lang: languageOf(headings.join("")) }, headings.join(" › ")) : null,
    page === null ? null : el("span", { t: ["page", { n: page }] }),
    ocr ? el("span", { t: "ocr" }) : null,
    ...cells,
  );
}

/** @param {Answer} answer */
function conflicting(answer) {
  const readings = answer.claims.map((claim, index) => {
    const cited = answer.citations.filter(({ marker: n }) => claim.citations.includes(n));
    return el(
      "li",
      { class: "reading" },
      el("h4", { t: ["reading_n", { n: index + 1 }] }),
      el("p", { class: "claim", lang: languageOf(claim.text) }, ...claimParts(claim, answer)),
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
  return [
    el("p", { class: "refusal", lang: languageOf(answer.answer) }, answer.answer),
    answer.nearest.length > 0 &&
      el(
        "section",
        { class: "nearest" },
        el("h3", { t: "nearest" }),
        el("p", { class: "why", t: "nearestWhy" }),
        passages(answer.nearest),
      ),
  ];
}

/** @param {Hit[]} hits */
function consulted(hits) {
  if (!hits.length) return null;
  return el("details", { class: "consulted" }, el("summary", { t: ["consulted", { n: hits.length }] }), passages(hits));
}

/** @param {Hit[]} hits */
function passages(hits) {
  const items = hits.map((hit) => {
    const open = (/** @type {Event} */ event) =>
      tell(/** @type {EventTarget} */ (event.currentTarget), "open-place", {
        documentId: hit.document_id,
        start: hit.start,
        end: hit.end,
        kind: "near",
        spans: null,
        also: [],
      });
    return el(
      "li",
      {},
      el("button", { type: "button", class: "note-title", lang: languageOf(hit.title), onclick: open }, hit.title),
      origin(hit.published, undefined, 0),
      standing(hit.where),
      el("p", { lang: languageOf(hit.text) }, hit.text),
    );
  });
  return el("ol", { class: "passages" }, ...items);
}
