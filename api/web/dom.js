/** Elements without HTML: text from documents reaches the page through text nodes only. */

import { translate } from "./language.js";

/** @typedef {Node | string | null | undefined | false} Child */

/**
 * Makes an element.
 *
 * @param {string} tag
 * @param {Record<string, any>} [properties]  `t: key` or `t: [key, vars]` for a text and `label` likewise for an
 *     aria-label that both follow the language; `on<Event>` for a listener; others are attributes, left out when
 *     null or false.
 * @param {...Child} children
 * @returns {any}  any: callers know what they asked for
 */
export function el(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "t" || name === "label") {
      const [key, vars] = Array.isArray(value) ? value : [value, null];
      element.dataset[name === "t" ? "t" : "tLabel"] = key;
      if (vars) element.dataset.tVars = JSON.stringify({ ...JSON.parse(element.dataset.tVars ?? "{}"), ...vars });
    } else if (typeof value === "function") {
      element.addEventListener(name.slice(2).toLowerCase(), value);
    } else {
      element.setAttribute(name, value === true ? "" : String(value));
    }
  }
  if (element.dataset.t || element.dataset.tLabel || element.dataset.date) translate(element);
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/**
 * Tells whoever listens above.
 * @param {EventTarget} from
 * @param {string} name
 * @param {any} [detail]
 */
export function tell(from, name, detail) {
  from.dispatchEvent(new CustomEvent(name, { bubbles: true, detail }));
}

/**
 * Hears what `tell` told, from `target` or from within it.
 * @param {EventTarget} target
 * @param {string} name
 * @param {(detail: any, from: any) => void} listener
 */
export function hear(target, name, listener) {
  target.addEventListener(name, (event) => listener(/** @type {CustomEvent} */ (event).detail, event.target));
}

/**
 * A button that does one thing.
 * @param {string | [string, any]} text  of the interface, as for `el`
 * @param {() => void} onclick
 * @param {Record<string, any>} [more]
 */
export function button(text, onclick, more = {}) {
  return el("button", { type: "button", class: "plain", t: text, onclick, ...more });
}

/** Lets only the newest of several overlapping requests through. */
export class Latest {
  constructor() {
    this.controller = new AbortController();
  }

  /** Aborts the one before and returns the signal of the new one. */
  next() {
    this.controller.abort();
    this.controller = new AbortController();
    return this.controller.signal;
  }
}

/**
 * @param {unknown} error
 * @returns {boolean} whether it only says that we aborted the request ourselves
 */
export function isAbort(error) {
  return error instanceof DOMException && error.name === "AbortError";
}
