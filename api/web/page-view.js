/** The raw page as DOM, with an article's pieces lit where they stand, and the ways from each to the next. */

import { CodePoints } from "./code-points.js";
import { el } from "./dom.js";
import { languageOf } from "./language.js";
import { inUnits, neighbourhood, segments } from "./lit-text.js";
import { regionsOf } from "./regions.js";

/**
 * @typedef {import("./lit-text.js").Lit} Lit
 * @typedef {import("./regions.js").Region} Region
 * @typedef {{whole: boolean, jump: (order: number) => void, open: (documentId: number) => void}} How
 */

/** Below this, how sure the reading is, is said. */
const SURE = 0.9;

/**
 * @param {import("./api.js").FullDocument} article
 * @param {import("./api.js").SourceText} source
 * @param {Lit[]} lit  in code points of the source
 * @param {How} how
 * @returns {{nodes: Node[], regions: Region[], cut: boolean}} `regions` of the whole page; `cut`: some of the text
 *     was left out
 */
export function pageView(article, source, lit, how) {
  const points = new CodePoints(source.text);
  const spans = inUnits(lit, points);
  const page = regionsOf(article, source);
  const pieces = page.filter(({ kind }) => kind === "piece").length;
  const units = page.map((region) => ({ region, start: points.toUnits(region.start), end: points.toUnits(region.end) }));
  const own = units.filter(({ region }) => region.kind === "piece");
  const strong = spans.length ? spans : own.map(({ start, end }) => ({ start, end, kind: /** @type {const} */ ("near") }));
  const [from, to] = how.whole ? [0, source.text.length] : neighbourhood(source.text, strong);
  let said = 0; // the other article whose title was said last
  const nodes = units
    .filter(({ start, end }) => start < to && end > from)
    .map(({ region, start, end }) => {
      const text = segments(source.text, ...trimmed(source.text, Math.max(start, from), Math.min(end, to)), spans);
      const named = region.document && region.document.id !== said ? region.document : null;
      said = region.document?.id ?? 0;
      return regionView(region, text, pieces, named, how);
    });
  return { nodes, regions: page, cut: from > 0 || to < source.text.length };
}

/**
 * A button for each piece of the article, in reading order; those that hold quoted words stand out.
 * @param {Region[]} regions
 * @param {Lit[]} lit
 * @param {(order: number) => void} jump
 */
export function pieceButtons(regions, lit, jump) {
  const pieces = regions.filter(({ kind }) => kind === "piece").toSorted((a, b) => (a.order ?? 0) - (b.order ?? 0));
  const total = pieces.length;
  if (total < 2) return null;
  const items = pieces.map(({ start, end, order: n = 0 }) => {
    const quoted = lit.some((one) => one.kind === "quote" && one.start < end && one.end > start);
    const go = () => jump(n);
    return el("li", {}, el("button", { type: "button", class: quoted ? "to-piece quoted" : "to-piece", label: ["piece", { n, total }], onclick: go }, String(n)));
  });
  return el("div", { class: "pieces" }, el("span", { t: ["pieces", { total }] }), el("ol", {}, ...items));
}

/**
 * @param {Region} region
 * @param {Node[]} text
 * @param {number} pieces
 * @param {{id: number, title: string} | null} named
 * @param {How} how
 * @returns {HTMLElement}
 */
function regionView(region, text, pieces, named, how) {
  const body = el("div", { class: "region-text" }, ...text);
  if (region.kind === "piece") return pieceView(region, body, pieces, how);
  if (region.kind === "copy") return copyView(region, body, pieces, how);
  if (region.kind === "caption") return el("div", { class: "region caption" }, el("p", { class: "region-label", t: "captionLabel" }), body);
  const open = () => named && how.open(named.id);
  const title = named && el("button", { type: "button", class: "plain", lang: languageOf(named.title), onclick: open }, named.title);
  return el("div", { class: `region ${region.kind}` }, named && el("p", { class: "region-label" }, el("span", { t: "otherArticle" }), title), body);
}

/**
 * @param {Region} region
 * @param {HTMLElement} body
 * @param {number} total
 * @param {How} how
 */
function pieceView(region, body, total, how) {
  const { order: n = 0, before, after, cut, confidence = 1 } = region;
  const named = total > 1 ? { role: "group", label: ["piece", { n, total }] } : {};
  return el(
    "div",
    { class: total > 1 || cut ? "region piece ruled" : "region piece", tabindex: -1, "data-piece": n, ...named },
    total > 1 && el("span", { class: "piece-number", "aria-hidden": "true" }, String(n)),
    before && way(before, "from", how),
    body,
    cut && el("p", { class: "region-label broken", t: "broken" }),
    el(
      "div",
      { class: "piece-foot" },
      after && way(after, "to", how),
      confidence < SURE && el("span", { class: "region-label", t: ["sure", { percent: Math.round(confidence * 100) }] }),
    ),
  );
}

/**
 * The way to the piece before or after, as a button.
 * @param {import("./regions.js").Seam} seam
 * @param {"from" | "to"} direction
 * @param {How} how
 */
function way({ order: n, below, join }, direction, how) {
  const key = join ? (join.lossy ? "Lossy" : "Mid") : "";
  const vars = { n, arrow: below ? "↓" : "↑" };
  const go = () => how.jump(n);
  return el("button", { type: "button", class: join ? "way mid" : "way", t: [direction + key, vars], onclick: go });
}

/**
 * @param {Region} region
 * @param {HTMLElement} body
 * @param {number} total
 * @param {How} how
 */
function copyView({ start, copyOf: n, differs = [] }, body, total, how) {
  const phrase = total > 1 ? ["seePiece", { n }] : "seeFirst";
  const first = n ? el("button", { type: "button", class: "plain", t: phrase, onclick: () => how.jump(n) }) : null;
  const notes = differs.map((reading) => el("p", { class: "region-label", t: ["differs", reading] }));
  return el("div", { class: "region copy ruled", tabindex: -1, "data-copy": start }, el("p", { class: "region-label" }, el("span", { t: "copyLabel" }), first), body, ...notes);
}

/**
 * @param {string} text
 * @param {number} start
 * @param {number} end
 * @returns {[number, number]} without the white space around
 */
function trimmed(text, start, end) {
  const part = text.slice(start, end);
  return [start + part.length - part.trimStart().length, end - part.length + part.trimEnd().length];
}

/**
 * What comes first as the article is read, though it may stand further down the page.
 * @param {HTMLElement} root
 * @param {string} selector
 * @returns {HTMLElement | null}
 */
export function firstToRead(root, selector) {
  const order = (/** @type {HTMLElement} */ it) => Number(it.closest("[data-piece]")?.getAttribute("data-piece") ?? 0);
  const found = /** @type {HTMLElement[]} */ ([...root.querySelectorAll(selector)]);
  return found.toSorted((a, b) => order(a) - order(b))[0] ?? null;
}
