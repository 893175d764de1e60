/** A button that hands a source's own bytes to the browser. */

import * as api from "./api.js";
import { button, el } from "./dom.js";
import { save } from "./export.js";
import { write } from "./language.js";
import { phraseOf, problemOf } from "./trouble.js";

/**
 * @param {import("./api.js").SourceRef} source
 * @returns {HTMLElement}
 */
export function downloadButton({ sha256, name }) {
  const label = name.split("/").at(-1) ?? name;
  // A link streams to disk; only with a key must the file pass through memory, as a link carries none.
  if (!api.hasKey()) return el("a", { class: "plain", href: api.fileUrl(sha256), download: label, t: "download" });
  const press = async () => {
    try {
      save(await api.fetched(api.fileUrl(sha256)), label);
    } catch (error) {
      write(it, ...phraseOf(problemOf(error)));
    }
  };
  const it = button("download", () => void press());
  return it;
}
