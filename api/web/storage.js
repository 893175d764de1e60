/** What the browser keeps for us. Never throws: storage may be blocked, full, or hold nonsense. */

const PREFIX = "chuchu.";

/**
 * @param {string} key
 * @returns {string | null}
 */
export function recall(key) {
  try {
    return localStorage.getItem(PREFIX + key);
  } catch {
    return null;
  }
}

/**
 * @param {string} key
 * @param {string | null} value  null forgets the key
 * @returns {boolean} whether it was kept
 */
export function keep(key, value) {
  try {
    if (value === null) localStorage.removeItem(PREFIX + key);
    else localStorage.setItem(PREFIX + key, value);
    return true;
  } catch {
    return false;
  }
}

/**
 * @param {string} prefix
 * @returns {string[]} the keys that begin so
 */
export function keptKeys(prefix) {
  try {
    const keys = Object.keys(localStorage).filter((key) => key.startsWith(PREFIX + prefix));
    return keys.map((key) => key.slice(PREFIX.length));
  } catch {
    return [];
  }
}

/**
 * Hears what another tab keeps or forgets.
 * @param {string} prefix
 * @param {(key: string | null) => void} listener  null: all is forgotten
 */
export function listen(prefix, listener) {
  addEventListener("storage", ({ key }) => {
    if (key === null) listener(null);
    else if (key.startsWith(PREFIX + prefix)) listener(key.slice(PREFIX.length));
  });
}
