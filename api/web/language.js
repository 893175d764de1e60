/** The interface language: which one, how to say something in it, and how to switch. */

import { keep } from "./storage.js";
import { en } from "./strings-en.js";
import { zh } from "./strings-zh.js";

/** @typedef {string | ((vars: any) => string)} Phrase */

const TABLES = { zh, en };

/** @returns {"zh" | "en"} */
export function language() {
  return document.documentElement.lang.startsWith("zh") ? "zh" : "en";
}

/**
 * @param {string} key
 * @param {any} [vars]
 * @returns {string}
 */
export function say(key, vars = {}) {
  const phrase = TABLES[language()][key];
  if (phrase === undefined) throw new Error(`strings-${language()}.js: got key '${key}', expected one that it holds`);
  return typeof phrase === "function" ? phrase(vars) : phrase;
}

/**
 * Gives an element a text that follows the language from now on.
 * @param {HTMLElement} element
 * @param {string} key
 * @param {any} [vars]
 */
export function write(element, key, vars) {
  element.dataset.t = key;
  if (vars) element.dataset.tVars = JSON.stringify(vars);
  else delete element.dataset.tVars;
  translate(element);
}

const ATTRIBUTES = /** @type {const} */ ([
  ["tLabel", "aria-label"],
  ["tPlaceholder", "placeholder"],
]);

/**
 * Writes again, in the language of now, all that is in `root`.
 * @param {HTMLElement} root
 */
export function translate(root) {
  const selector = "[data-t], [data-t-label], [data-t-placeholder], [data-date]";
  const below = /** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll(selector));
  for (const element of [root, ...below]) {
    const { t, tVars, date } = element.dataset;
    const vars = tVars ? JSON.parse(tVars) : {};
    if (t) element.textContent = say(t, vars);
    if (date) element.textContent = sayDate(date);
    for (const [name, attribute] of ATTRIBUTES) {
      const key = element.dataset[name];
      if (key) element.setAttribute(attribute, say(key, vars));
    }
  }
}

/** @param {"zh" | "en"} wanted */
export function setLanguage(wanted) {
  document.documentElement.lang = wanted === "zh" ? "zh-CN" : "en";
  keep("language", wanted);
  translate(document.body);
}

/**
 * An ISO date or year in words; anything else as it is.
 * @param {string} iso
 */
export function sayDate(iso) {
  if (/^\d{4}$/.test(iso)) return language() === "zh" ? `${iso}年` : iso;
  const match = /^(\d{4})-(\d{2})-(\d{2})/.exec(iso);
  if (!match) return iso;
  const day = new Date(Date.UTC(Number(match[1]), Number(match[2]) - 1, Number(match[3])));
  const style = /** @type {const} */ ({ year: "numeric", month: "long", day: "numeric", timeZone: "UTC" });
  return new Intl.DateTimeFormat(language() === "zh" ? "zh-CN" : "en-GB", style).format(day);
}

/**
 * The language a text is written in, as far as type setting cares.
 * @param {string} text
 */
export function languageOf(text) {
  return /[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]/.test(text) ? "zh-CN" : "en";
}
