/* Elements without HTML: every text of a run reaches the page through text nodes only. */

const SVG = "http://www.w3.org/2000/svg";
const CJK = /[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]/;

/** An element. `on…` is a listener, other properties are attributes, left out when null or false. */
function el(tag, properties = {}, ...children) {
  return fill(document.createElement(tag), properties, children);
}

/** The same for a part of a drawing. */
function draw(tag, properties = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), properties, children);
}

function fill(element, properties, children) {
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === "function") element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  const kept = children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false);
  element.append(...kept.map((child) => (typeof child === "number" ? String(child) : child)));
  return element;
}

/** A text in an element that says its language, so that the right typeface sets it. */
function words(tag, text, properties = {}) {
  return el(tag, { lang: languageOf(text), ...properties }, text);
}

function languageOf(text) {
  return CJK.test(text) ? "zh-CN" : "en";
}

/** `text` as nodes, what stands in `wanted` within `<b class="hit">`. */
function lit(text, wanted) {
  const nodes = [];
  const found = wanted.filter((each) => each && text.includes(each)).sort((a, b) => b.length - a.length);
  let from = 0;
  while (from < text.length) {
    let at = -1;
    let which = "";
    for (const each of found) {
      const next = text.indexOf(each, from);
      if (next >= 0 && (at < 0 || next < at)) [at, which] = [next, each];
    }
    if (at < 0) break;
    nodes.push(text.slice(from, at), el("b", { class: "hit" }, which));
    from = at + which.length;
  }
  return [...nodes, text.slice(from)].filter((node) => node !== "");
}

const RANKED = /^(mrr|ndcg|map|aurc|area)/;

/** A value from 0 to 1 in the field's usual form: a share as a percentage, a rank measure as a decimal. */
function figure(name, value, digits = 1) {
  if (value === null || value === undefined || Number.isNaN(value)) return "–";
  return RANKED.test(name) ? value.toFixed(3) : `${(100 * value).toFixed(digits)}%`;
}

/** A difference of two values, with its sign. */
function difference(name, from, to) {
  const by = to - from;
  if (!by) return "0";
  const sign = by > 0 ? "+" : "−";
  return sign + (RANKED.test(name) ? Math.abs(by).toFixed(3) : `${(100 * Math.abs(by)).toFixed(1)} pts`);
}

function milliseconds(value) {
  if (value >= 10_000) return `${(value / 1000).toFixed(1)} s`;
  return `${value >= 100 ? value.toFixed(0) : value.toFixed(1)} ms`;
}

/** `not_retrieved` → `not retrieved`. */
function plain(name) {
  return String(name).replaceAll("_", " ");
}

function counted(n, one, many = `${one}s`) {
  return `${n.toLocaleString("en")} ${n === 1 ? one : many}`;
}
