/** The sentences of an answer as DOM: prose, a list as a list, rows of a table with their heads. */

import { el } from "./dom.js";
import { languageOf } from "./language.js";

/**
 * @typedef {import("./api.js").Answer} Answer
 * @typedef {import("./api.js").Citation} Citation
 * @typedef {import("./api.js").Claim} Claim
 */

/** An item's own mark, which stays what it is: `1.`, `（二）`, `-`, `a)`. */
const ITEM_MARK = /^\s*((?:[-–—•·●○■□▪*+]|[(（]?(?:\d{1,3}|[一二三四五六七八九十]{1,3}|[a-zA-Z])[)）.、．]|第[一二三四五六七八九十百\d]+[条款项章节步])\s*)/;

const YES = /^(?:是|是的|对|有|能|可以|会|yes)[。.!！]?$/i;
const NO = /^(?:否|不|不是|没有|不能|不可以|不会|no)[。.!！]?$/i;
/** The words that decide a yes or no, the longest first. */
const DENIES = /(?:不得|不准|不许|不能|不可以|不可|不予|不应|不会|不再|不是|没有|禁止|严禁|无须|无需|未|不|must not|may not|shall not|cannot|can't|is not|are not|does not|do not|not allowed|prohibited|forbidden|never|no longer|not)/i;
const AFFIRMS = /(?:可以|应当|必须|允许|准许|能够|已经|均|应|须|可|是|有|may|must|shall|can|is allowed|are allowed|permitted|entitled|includes?|does|is|are)/i;

/**
 * @param {string | null} short
 * @returns {boolean | null} what it says to a question that wants yes or no
 */
export function decision(short) {
  const text = (short ?? "").trim();
  if (YES.test(text)) return true;
  return NO.test(text) ? false : null;
}

/**
 * @param {Answer} answer
 * @param {(claim: Claim) => Node[]} tail  what follows a claim: its markers, its verdict
 * @returns {Node[]}
 */
export function claimViews(answer, tail) {
  const views = [];
  const { claims } = answer;
  for (let at = 0; at < claims.length; at += 1) {
    const rows = rowsFrom(answer, at);
    if (rows.length > 1) {
      views.push(table(rows, answer, tail));
      at += rows.length - 1;
    } else if (rows.length) {
      views.push(card(rows[0], answer, tail));
    } else {
      views.push(claimView(claims[at], answer.short_answer, tail(claims[at])));
    }
  }
  return views;
}

/**
 * A claim in words; of several lines, a list.
 * @param {Claim} claim
 * @param {string | null} short
 * @param {Node[]} tail
 */
export function claimView({ text }, short, tail) {
  const lines = text.split("\n").filter((line) => line.trim());
  const lang = languageOf(text);
  if (lines.length < 2) return el("p", { class: "claim", lang }, ...stressed(text, short), ...tail);
  const items = lines.map((line) => item(line, short));
  items.at(-1).append(...tail);
  return el("ul", { class: "claim items", lang }, ...items);
}

/**
 * @param {string} line
 * @param {string | null} short
 */
function item(line, short) {
  const mark = ITEM_MARK.exec(line)?.[0] ?? "";
  const words = el("span", {}, ...stressed(line.slice(mark.length), short));
  return el("li", {}, el("span", { class: "item-mark" }, mark.trim() || "·"), words);
}

/**
 * The bare fact inside its sentence, stressed the way print does; of a yes or no, the words that decide it.
 * @param {string} text
 * @param {string | null} fact
 * @returns {(Node | string)[]}
 */
function stressed(text, fact) {
  const decided = decision(fact);
  const words = decided === null ? fact : (decided ? AFFIRMS : DENIES).exec(text)?.[0];
  const at = words ? text.indexOf(words) : -1;
  if (!words || at < 0 || words.length > text.length / 2) return [text];
  const lit = el("em", { class: words.length > 12 ? "fact" : "fact brief" }, words);
  return [text.slice(0, at), lit, text.slice(at + words.length)];
}

/**
 * @typedef {{claim: Claim, row: Record<string, string>}} Row
 * @param {Answer} answer
 * @param {number} at
 * @returns {Row[]} the claims from there on that are each a row, under the same heads
 */
function rowsFrom({ claims, citations }, at) {
  /** @type {Row[]} */
  const rows = [];
  for (const claim of claims.slice(at)) {
    const cited = citations.find(({ marker }) => marker === claim.citations[0]);
    const row = cited?.where?.row;
    if (claim.citations.length !== 1 || !row || cited.quote !== claim.text || Object.keys(row).length < 2) break;
    if (rows.length && Object.keys(row).join("\n") !== Object.keys(rows[0].row).join("\n")) break;
    rows.push({ claim, row });
  }
  return rows;
}

/**
 * One row: each cell under its head.
 * @param {Row} row
 * @param {Answer} answer
 * @param {(claim: Claim) => Node[]} tail
 */
function card({ claim, row }, { short_answer: short }, tail) {
  const cells = Object.entries(row).map(([head, cell]) =>
    el("div", {}, el("dt", { lang: languageOf(head) }, head), el("dd", { lang: languageOf(cell) }, ...cellText(cell, short))),
  );
  return el("div", { class: "claim row-card" }, el("dl", {}, ...cells), el("p", {}, ...tail(claim)));
}

/**
 * @param {Row[]} rows
 * @param {Answer} answer
 * @param {(claim: Claim) => Node[]} tail
 */
function table(rows, { short_answer: short }, tail) {
  const heads = Object.keys(rows[0].row).map((head) => el("th", { scope: "col", lang: languageOf(head) }, head));
  const body = rows.map(({ claim, row }) => {
    const cells = Object.values(row).map((cell) => el("td", { lang: languageOf(cell) }, ...cellText(cell, short)));
    return el("tr", {}, ...cells, el("td", {}, ...tail(claim)));
  });
  const head = el("thead", {}, el("tr", {}, ...heads, el("th", { scope: "col" }, el("span", { class: "unseen", t: "sources" }))));
  return el(
    "div",
    { class: "claim table-frame", tabindex: 0, role: "region", label: "rowsTable" },
    el("table", {}, head, el("tbody", {}, ...body)),
  );
}

/**
 * @param {string} cell
 * @param {string | null} short
 */
function cellText(cell, short) {
  return short && cell === short ? [el("em", { class: "fact brief" }, cell)] : stressed(cell, short);
}
