/**
 * What Back does: it closes what lies over the page, then goes to the conversation before.
 *
 * As long as something lies over the page, the history ends in one entry of ours that stands for all of it. Back
 * takes that entry away, and with it the uppermost layer; when layers remain, the entry is put back.
 */

/** @type {{close: () => void}[]} lowest first */
const layers = [];
let leaving = false; // we went back ourselves, because the last layer was closed otherwise

/** @type {() => void} */
let navigated = () => {};

function isGuarded() {
  return history.state?.layer === true;
}

function guard() {
  if (layers.length && !isGuarded() && !leaving) history.pushState({ layer: true }, "");
}

/**
 * Something now lies over the page.
 * @param {() => void} close  called when Back is pressed
 * @returns {() => void} to be called once it is closed by whatever means
 */
export function cover(close) {
  const layer = { close };
  layers.push(layer);
  guard();
  return () => {
    const at = layers.indexOf(layer);
    if (at < 0) return;
    layers.splice(at, 1);
    if (layers.length || !isGuarded() || leaving) return;
    leaving = true;
    history.back();
  };
}

/**
 * Goes to an address of this page, so that Back leads here again.
 * @param {string} url
 */
export function navigate(url) {
  if (isGuarded()) history.replaceState(null, "", url);
  else if (url !== location.pathname + location.search + location.hash) history.pushState(null, "", url);
}

/** @param {() => void} listener  called when Back or Forward led to another address */
export function onNavigated(listener) {
  navigated = listener;
}

addEventListener("popstate", () => {
  if (leaving) {
    leaving = false;
    guard(); // something was opened meanwhile
    return;
  }
  const top = layers.pop();
  if (!top) return navigated();
  top.close();
  guard();
});
