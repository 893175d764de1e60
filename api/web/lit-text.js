/** Long text as DOM, with some of its spans lit. */

import { CodePoints } from "./code-points.js";
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
 * @param {string} text
 * @param {Lit[]} lit
 * @param {{whole: boolean, paragraphs: boolean}} how  `paragraphs`: each line its own `<p>`; otherwise line
 *     breaks are kept as they are
 * @returns {{nodes: Node[], cut: boolean}} `cut`: some of the text was left out
 */
export function litText(text, lit, { whole, paragraphs }) {
  const points = new CodePoints(text);
  const spans = lit
    .map(({ start, end, kind }) => ({ start: points.toUnits(start), end: points.toUnits(end), kind }))
    .filter(({ start, end }) => start < end);
  const [from, to] = whole ? [0, text.length] : neighbourhood(text, spans);
  const nodes = paragraphs ? asParagraphs(text, from, to, spans) : segments(text, from, to, spans);
  return { nodes, cut: from > 0 || to < text.length };
}

/**
 * @param {string} text
 * @param {Lit[]} spans  in units from here on
 * @returns {[number, number]}
 */
function neighbourhood(text, spans) {
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
 */
function asParagraphs(text, from, to, spans) {
  const nodes = [];
  for (const line of text.slice(from, to).matchAll(/[^\r\n]+/g)) {
    const start = from + line.index;
    nodes.push(el("p", { "data-at": start }, ...segments(text, start, start + line[0].length, spans)));
  }
  return nodes;
}

/**
 * @param {string} text
 * @param {number} from
 * @param {number} to
 * @param {Lit[]} spans
 * @returns {Node[]}
 */
function segments(text, from, to, spans) {
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
