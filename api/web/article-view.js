/** An article as DOM: its blocks set by their kind, with the seams where the page had cut it. */

import { blockNodes, blocksInUnits } from "./block-view.js";
import { CodePoints } from "./code-points.js";
import { el } from "./dom.js";
import { languageOf } from "./language.js";
import { inUnits, neighbourhood, segments } from "./lit-text.js";

/**
 * @typedef {import("./api.js").FullDocument} FullDocument
 * @typedef {import("./lit-text.js").Lit} Lit
 * @typedef {{at: number, node: () => Node}} Mark  in UTF-16 units
 */

/**
 * @param {FullDocument} article
 * @param {Lit[]} lit  in code points of its text
 * @param {{whole: boolean, seam: (at: number) => void}} how  `seam`: called with the offset, in code points, of the
 *     join that is to be seen on the page
 * @returns {{nodes: Node[], cut: boolean}} `cut`: some of the text was left out
 */
export function articleView(article, lit, { whole, seam }) {
  const { text, layout } = article;
  const points = new CodePoints(text);
  const spans = inUnits(lit, points);
  const [begin, to] = whole ? [0, text.length] : neighbourhood(text, spans);
  const from = begin === 0 && article.offset ? firstLine(text, spans) : begin;
  if (article.blocks?.length && !layout?.blocks.length) {
    const nodes = blockNodes(text, [from, to], blocksInUnits(article.blocks, points), spans);
    return { nodes, cut: from > 0 || to < text.length };
  }
  const blocks = (layout?.blocks ?? []).map(({ kind, span }) => ({ kind, start: points.toUnits(span[0]), end: points.toUnits(span[1]) }));
  const marks = [
    ...(layout?.joins ?? []).map(({ at, lossy }) => ({ at: points.toUnits(at), node: () => seamMark(lossy, () => seam(at)) })),
    ...(layout?.cuts ?? []).map((at) => ({ at: points.toUnits(at), node: () => el("span", { class: "broken", role: "note", label: "brokenShort" }) })),
  ].sort((a, b) => a.at - b.at);
  const nodes = []; // each paragraph says where it begins in the text, in units
  for (const line of text.slice(from, to).matchAll(/[^\r\n]+/g)) {
    const start = from + line.index;
    const end = start + line[0].length;
    const kind = blocks.find((block) => block.start <= start && start < block.end)?.kind;
    const plain = !kind || kind === "body";
    nodes.push(el("p", { class: plain ? null : `block-${kind}`, "data-at": start }, ...marked(text, start, end, spans, marks)));
  }
  if (to === text.length) nodes.push(...captions(layout));
  return { nodes, cut: from > 0 || to < text.length };
}

/**
 * Where the first whole line of a part begins, unless something is lit before it.
 * @param {string} text
 * @param {Lit[]} spans  in units
 */
function firstLine(text, spans) {
  const line = text.indexOf("\n") + 1;
  return spans.some(({ start }) => start < line) ? 0 : line;
}

/**
 * @param {string} text
 * @param {number} from
 * @param {number} to
 * @param {Lit[]} spans
 * @param {Mark[]} marks
 */
function marked(text, from, to, spans, marks) {
  const nodes = [];
  let start = from;
  for (const { at, node } of marks.filter(({ at }) => from <= at && at <= to)) {
    nodes.push(...segments(text, start, at, spans), node());
    start = at;
  }
  return [...nodes, ...segments(text, start, to, spans)];
}

/**
 * A seam is named for who cannot see it and has no character of its own, so that what is selected is the text.
 * @param {boolean} lossy
 * @param {() => void} show
 */
function seamMark(lossy, show) {
  return el("button", { type: "button", class: "seam", label: lossy ? "seamLossy" : "seam", onclick: show });
}

/**
 * Pictures' words that are not in the text.
 * @param {import("./api.js").Layout | null | undefined} layout
 */
function captions(layout) {
  const within = layout?.blocks.some(({ kind }) => kind === "caption" || kind === "credit");
  return (within ? [] : (layout?.captions ?? [])).map(({ text, credit }) =>
    el(
      "p",
      { class: "block-caption" },
      el("span", { class: "region-label", t: "captionLabel" }),
      el("span", { lang: languageOf(text) }, text),
      credit && el("span", { class: "credit" }, credit),
    ),
  );
}

/**
 * What is known of an article beside its title and text.
 * @param {FullDocument} article
 * @returns {(Node | string)[]}
 */
export function known({ published, place, byline, source, text, layout }) {
  const { subtitle = null, agency = null, published_from: how = null } = layout ?? {};
  const date = published && el("span", { "data-date": published });
  const inferred = how && el("details", { class: "inferred" }, el("summary", { t: "inferred" }), how);
  const rows = { published: date, place, byline, agency, file: el("span", { class: "file" }, source.name) };
  const items = Object.entries(rows)
    .filter(([, value]) => value)
    .map(([name, value]) => el("div", {}, el("dt", { t: name }), el("dd", {}, value, name === "published" && inferred)));
  const above = subtitle && !text.includes(subtitle) && el("p", { class: "subtitle", lang: languageOf(subtitle) }, subtitle);
  return [above || "", el("dl", {}, ...items)];
}
