/** A source as the regions of its page: the pieces of one article, its copies and captions, and what is not its own. */

import { CodePoints } from "./code-points.js";

/**
 * @typedef {import("./api.js").FullDocument} FullDocument
 * @typedef {import("./api.js").SourceText} SourceText
 * @typedef {import("./api.js").Span} Span
 * @typedef {{order: number, below: boolean, join: import("./api.js").Join | null}} Seam  where an article goes on:
 *     in which of its pieces, whether that is further down the page, and the join if the page cut a sentence there
 * @typedef {{start: number, end: number, kind: "piece" | "copy" | "caption" | "other" | "rest",
 *     text?: Span, order?: number, before?: Seam | null, after?: Seam | null, cut?: boolean, confidence?: number,
 *     copyOf?: number, differs?: {here: string, there: string, around: string}[], document?: {id: number, title: string}}} Region
 *     `start` and `end` in the source, `text` in the article, all in code points; `order` counts the pieces from 1
 *     as they are to be read
 */

/**
 * @param {FullDocument} article
 * @param {SourceText} source
 * @returns {Region[]} in the order of the page, without overlaps; white space between them is left out
 */
export function regionsOf(article, source) {
  const points = new CodePoints(source.text);
  const map = withoutSpans(article.map, captionsOf(article));
  const beside = map.length ? captionsOf(article) : []; // else the captions are the article
  const pieces = piecesOf({ ...article, map: map.length ? map : article.map }, points);
  const here = article.copies.filter((copy) => copy.source.sha256 === source.sha256);
  const regions = [
    ...pieces,
    ...merged(beside, points).map((span) => region(span, "caption")),
    ...here.flatMap((copy) => copyRegions(copy, article, pieces, points)),
    ...(source.documents ?? []).filter(({ id }) => id !== article.id).flatMap((other) => otherRegions(other, points)),
  ];
  return withRest(regions, points);
}

/**
 * Where its pictures' words stand in the source, whether its text holds them at its foot or not.
 * @param {FullDocument} article
 * @returns {Span[]}
 */
function captionsOf({ layout }) {
  const blocks = (layout?.blocks ?? []).filter(({ kind }) => kind === "caption" || kind === "credit");
  const spans = [...(layout?.captions ?? []), ...blocks].flatMap(({ source_spans: places }) => places);
  return spans.toSorted((a, b) => a[0] - b[0] || b[1] - a[1]);
}

/**
 * @param {[number, number, number][]} map
 * @param {Span[]} spans  of the source, in order
 * @returns {[number, number, number][]} the tiles that lie in none of them
 */
function withoutSpans(map, spans) {
  return map.filter(([from, to, at]) => !spans.some(([start, end]) => start <= at && at + to - from <= end));
}

/** Between the lines of a paragraph. */
const LINE_BREAK = /^[^\S\n]*\n?[^\S\n]*$/;

/**
 * @param {Span[]} spans  in reading order
 * @param {CodePoints} points
 * @param {RegExp} [between]
 * @returns {Span[]} neighbours with only such white space between them as one
 */
function merged(spans, points, between = LINE_BREAK) {
  /** @type {Span[]} */
  const found = [];
  for (const [start, end] of spans) {
    const last = found.at(-1);
    if (last && last[0] <= start && start <= last[1]) last[1] = Math.max(last[1], end);
    else if (last && last[1] <= start && between.test(points.slice(last[1], start))) last[1] = end;
    else found.push([start, end]);
  }
  return found;
}

/**
 * The article's pieces in reading order: as long as may be, but parted where the page is.
 * @param {FullDocument} article
 * @param {CodePoints} points  of the source
 */
function piecesOf({ map, layout }, points) {
  const joins = layout?.joins ?? [];
  const cuts = new Set(layout?.cuts ?? []);
  const breaks = [...joins.map(({ at }) => at), ...cuts].sort((a, b) => a - b);
  /** @type {Required<Pick<Region, "start" | "end" | "kind" | "text">>[]} */
  const found = [];
  for (const [from, to, at] of map) {
    const edges = [from, ...breaks.filter((offset) => from < offset && offset < to), to];
    for (const [index, low] of edges.slice(0, -1).entries()) {
      const high = edges[index + 1];
      const [start, end] = [at + low - from, at + high - from];
      const last = found.at(-1);
      const parted = !last || breaks.includes(low) || breaks.includes(last.text[1]);
      if (parted || start < last.end || points.slice(last.end, start).trim()) {
        found.push({ start, end, kind: "piece", text: [low, high] });
      } else {
        last.end = end;
        last.text = [last.text[0], high];
      }
    }
  }
  /** @type {(one: {text: Span}, other: {text: Span}) => import("./api.js").Join | null} */
  const seam = (one, other) => joins.find(({ at }) => one.text[1] <= at && at <= other.text[0]) ?? null;
  return found.map((piece, index) => {
    const [previous, next] = [found[index - 1], found[index + 1]];
    return {
      ...piece,
      order: index + 1,
      before: previous ? { order: index, below: previous.start > piece.start, join: seam(previous, piece) } : null,
      after: next ? { order: index + 2, below: next.start > piece.start, join: seam(piece, next) } : null,
      cut: [...cuts].some((offset) => piece.text[0] < offset && offset <= piece.text[1]),
      confidence: sureness(layout, piece.text),
    };
  });
}

/**
 * @param {import("./api.js").Layout | null | undefined} layout
 * @param {Span} text
 * @returns {number} of the least sure block in it
 */
function sureness(layout, [low, high]) {
  const within = (layout?.blocks ?? []).filter(({ span: [start, end] }) => start < high && end > low);
  return Math.min(1, ...within.map(({ confidence }) => confidence));
}

/**
 * @param {any} copy
 * @param {FullDocument} article
 * @param {Region[]} pieces
 * @param {CodePoints} here  of the source
 * @returns {Region[]}
 */
function copyRegions(copy, { text, layout }, pieces, here) {
  const copied = pieces.find((piece) => piece.text && piece.text[1] > copy.start);
  const points = new CodePoints(text);
  return merged(copy.source.spans, here).map((span) => ({
    ...region(span, "copy"),
    copyOf: copied?.order,
    differs: (layout?.variants ?? [])
      .filter(({ source_spans: spans }) => spans.some(([start, end]) => span[0] <= start && end <= span[1]))
      .map((variant) => difference(variant, points)),
  }));
}

/** Characters to either side that say where in a text something stands. */
const AROUND = 4;

/**
 * @param {{span: Span, text: string}} variant
 * @param {CodePoints} points  of the article
 */
function difference({ span: [start, end], text: here }, points) {
  const before = points.slice(Math.max(start - AROUND, 0), start).split("\n").at(-1);
  const after = points.slice(end, Math.min(end + AROUND, points.length)).split("\n")[0];
  const there = points.slice(start, end);
  return { here, there, around: before + there + after };
}

/**
 * @param {{id: number, title: string, spans: Span[]}} other
 * @param {CodePoints} points
 * @returns {Region[]}
 */
function otherRegions({ id, title, spans }, points) {
  return merged(spans, points, /^\s*$/).map((span) => ({ ...region(span, "other"), document: { id, title } }));
}

/**
 * @param {Span} span
 * @param {Region["kind"]} kind
 * @returns {Region}
 */
function region([start, end], kind) {
  return { start, end, kind };
}

/**
 * @param {Region[]} regions
 * @param {CodePoints} points
 * @returns {Region[]} with the text between them as regions of its own
 */
function withRest(regions, points) {
  /** @type {Region[]} */
  const page = [];
  let reached = 0;
  const addRest = (/** @type {number} */ until) => {
    if (points.slice(reached, until).trim()) page.push(region([reached, until], "rest"));
  };
  for (const next of regions.toSorted((a, b) => a.start - b.start)) {
    const start = Math.max(next.start, reached);
    if (start >= next.end) continue;
    addRest(start);
    page.push({ ...next, start });
    reached = next.end;
  }
  addRest(points.length);
  return page;
}

/**
 * @param {[number, number, number][]} map
 * @param {number} start
 * @param {number} end
 * @returns {Span[]} where `[start, end)` of a document's text stands in its source
 */
export function throughMap(map, start, end) {
  /** @type {Span[]} */
  const spans = [];
  for (const [from, to, at] of map) {
    const [first, last] = [Math.max(from, start), Math.min(to, end)];
    if (first < last) spans.push([at + first - from, at + last - from]);
  }
  return spans;
}
