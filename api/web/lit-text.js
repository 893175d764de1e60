/** Text as DOM with some of its spans lit, and how much of a long one to show. */

import { el } from "./dom.js";

/**
 * @typedef {"quote" | "near" | "piece" | "copy"} Kind
 * @typedef {{start: number, end: number, kind: Kind}} Lit  in code points; where two overlap, the stronger shows
 */

/** @type {Kind[]} strongest first */
const KINDS = ["quote", "near", "piece", "copy"];

/** More UTF-16 units than this and only the surroundings of what is lit are shown. */
const LONG = 120_000;
const AROUND = 12_000;

/**
 * @param {Lit[]} lit
 * @param {import("./code-points.js").CodePoints} points
 * @returns {Lit[]} the same in UTF-16 units, empty ones left out
 */
export function inUnits(lit, points) {
  return lit
    .map(({ start, end, kind }) => ({ start: points.toUnits(start), end: points.toUnits(end), kind }))
    .filter(({ start, end }) => start < end);
}

/**
 * @param {string} text
 * @param {Lit[]} spans  in units from here on
 * @returns {[number, number]} what to show of a text: all, or of a long one the surroundings of what is lit
 */
export function neighbourhood(text, spans) {
  if (text.length <= LONG) return [0, text.length];
  const strong = spans.filter(({ kind }) => kind === "quote" || kind === "near");
  const focus = strong.length ? strong : spans;
  const first = focus.length ? Math.min(...focus.map(({ start }) => start)) : 0;
  const last = Math.min(focus.length ? Math.max(...focus.map(({ end }) => end)) : 0, first + LONG);
  const before = text.lastIndexOf("\n", Math.max(0, first - AROUND)) + 1;
  const after = text.indexOf("\n", last + AROUND);
  return [Math.max(before, wholeCharacter(text, first - LONG)), after < 0 ? text.length : after];
}

/**
 * @param {string} text
 * @param {number} index
 */
function wholeCharacter(text, index) {
  return index > 0 && /[\udc00-\udfff]/.test(text[index]) ? index + 1 : Math.max(0, index);
}

/**
 * @param {string} text
 * @param {number} from
 * @param {number} to
 * @param {Lit[]} spans
 * @returns {Node[]}
 */
export function segments(text, from, to, spans) {
  const edges = spans
    .filter(({ start, end }) => start < to && end > from)
    .flatMap(({ start, end, kind }) => [
      { at: Math.max(start, from), kind, step: 1 },
      { at: Math.min(end, to), kind, step: -1 },
    ])
    .sort((a, b) => a.at - b.at);
  const open = { quote: 0, near: 0, piece: 0, copy: 0 };
  /** @type {{start: number, end: number, kind: Kind | undefined}[]} */
  const runs = [];
  let start = from;
  for (const { at, kind, step } of [...edges, { at: to, kind: KINDS[0], step: 0 }]) {
    if (at > start) {
      const strongest = KINDS.find((it) => open[it] > 0);
      const last = runs.at(-1);
      if (last && last.kind === strongest) last.end = at;
      else runs.push({ start, end: at, kind: strongest });
      start = at;
    }
    open[kind] += step;
  }
  return runs.map((run) => {
    const part = document.createTextNode(text.slice(run.start, run.end));
    if (!run.kind) return part;
    const tag = run.kind === "quote" || run.kind === "near" ? "mark" : "span";
    return el(tag, { class: `lit-${run.kind}` }, part);
  });
}
