/** What the service takes at most; it writes this into the page. */

/** @param {string} name */
function given(name) {
  const content = document.querySelector(`meta[name="${name}"]`)?.getAttribute("content");
  return Number(content) || Infinity;
}

export const limits = {
  /** Characters of a question. */
  question: given("question-limit"),
  /** Mebibytes of a file. */
  upload: given("upload-limit"),
};
