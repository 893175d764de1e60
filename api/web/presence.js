/** Which documents are still there, asked once each and remembered until documents come or go. */

import { isThere } from "./api.js";

/** @type {Map<number, boolean>} */
const known = new Map();
/** So many are looked for at most, the newest of a conversation first. */
const MOST = 40;

/**
 * @param {Iterable<number>} ids
 * @param {AbortSignal} signal
 * @returns {Promise<number[]>}
 */
export async function whichAreGone(ids, signal) {
  const gone = [];
  for (const id of [...ids].slice(-MOST)) {
    if (!known.has(id)) known.set(id, await isThere(id, signal));
    signal.throwIfAborted();
    if (!known.get(id)) gone.push(id);
  }
  return gone;
}

/** Documents came or went. */
export function lookAnew() {
  known.clear();
}
