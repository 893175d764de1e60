/** Passages as a list: what was consulted, or what comes nearest to a question that is not answered. */

import { el, tell } from "./dom.js";
import { languageOf } from "./language.js";

/** @typedef {import("./api.js").Hit} Hit */

/** @param {Hit[]} hits */
export function consulted(hits) {
  if (!hits.length) return null;
  return el("details", { class: "consulted" }, el("summary", { t: ["consulted", { n: hits.length }] }), passages(hits));
}

/** @param {Hit[]} hits  folded: they are no answer */
export function nearest(hits) {
  if (!hits.length) return null;
  return el(
    "details",
    { class: "nearest" },
    el("summary", { t: ["nearest", { n: hits.length }] }),
    el("p", { class: "why", t: "nearestWhy" }),
    passages(hits),
  );
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
        page: hit.where?.page ?? null,
      });
    return el(
      "li",
      { "data-document": hit.document_id },
      el("button", { type: "button", class: "note-title", lang: languageOf(hit.title), onclick: open }, hit.title),
      origin(hit.published, undefined, 0),
      standing(hit.where),
      el("p", { lang: languageOf(hit.text) }, hit.text),
    );
  });
  return el("ol", { class: "passages" }, ...items);
}

/**
 * @param {string | null | undefined} published
 * @param {string | undefined} name
 * @param {number} copies
 */
export function origin(published, name, copies) {
  const parts = [
    published ? el("span", { "data-date": published }) : null,
    name ? el("span", { class: "file" }, name) : null,
    copies > 0 ? el("span", { t: ["also", { n: copies }] }) : null,
  ];
  return parts.some(Boolean) ? el("span", { class: "origin" }, ...parts) : null;
}

/**
 * Where a passage stands: the path of its headings, its page, the cells of its row under their heads.
 * @param {import("./api.js").Where | undefined} where
 * @param {boolean} [withRow]
 */
export function standing(where, withRow = true) {
  if (!where) return null;
  const { headings = [], page = null, row = null, ocr = false } = where;
  const cells = withRow ? Object.entries(row ?? {}).map(([head, cell]) => el("span", { class: "cell" }, el("b", {}, head), " ", cell)) : [];
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
