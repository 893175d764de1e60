/** A conversation as Markdown, each source a footnote with its quote and where it stands. */

import { language, say, sayDate } from "./language.js";
import { nameOf } from "./threads.js";

/**
 * @typedef {import("./threads.js").Thread} Thread
 * @typedef {import("./threads.js").Turn} Turn
 * @typedef {import("./api.js").Citation} Citation
 */

/**
 * @param {Thread} thread
 * @returns {string}
 */
export function threadMarkdown(thread) {
  const lines = [`# ${flat(nameOf(thread))}`, ""];
  /** @type {string[]} */
  const footnotes = [];
  for (const turn of thread.turns) {
    lines.push(`## ${flat(turn.question)}`, "", ...answerLines(turn, footnotes), "");
  }
  return [...lines, ...footnotes, ""].join("\n");
}

/**
 * @param {Turn} turn
 * @param {string[]} footnotes  those of this turn are added
 */
function answerLines({ answer, state, lost }, footnotes) {
  if (!answer) return [state === "forgotten" ? `*${say("forgotten", { title: lost })}*` : `*${say("stopped")}*`];
  const before = footnotes.length; // footnotes count through the whole conversation
  for (const citation of answer.citations) footnotes.push(`[^${before + citation.marker}]: ${placeOf(citation)}`);
  if (!answer.claims.length) return [escaped(answer.answer)];
  const short = answer.short_answer ? [`**${escaped(answer.short_answer)}**`, ""] : [];
  const claims = answer.claims.flatMap(({ text, citations }) => {
    const marks = citations.map((n) => `[^${before + n}]`).join("");
    return [escaped(text) + marks, ""];
  });
  return [...short, ...claims].slice(0, -1);
}

/** @param {Citation} citation */
function placeOf({ title, published, source, quote, where }) {
  const isChinese = language() === "zh";
  const parts = [
    isChinese ? `《${flat(title)}》` : `“${flat(title)}”`,
    published && sayDate(published),
    source.name !== title && flat(source.name),
    where?.headings?.length && flat(where.headings.join(" › ")),
    where?.page && say("page", { n: where.page }),
  ];
  return `${parts.filter(Boolean).join(isChinese ? "，" : ", ")}${isChinese ? "：" : ": "}“${escaped(flat(quote))}”`;
}

/** @param {string} text */
function flat(text) {
  return text.replace(/\s*\n\s*/g, " ").trim();
}

/**
 * Text that Markdown takes as it is; a table's bars and a list's items stay what they are.
 * @param {string} text
 */
function escaped(text) {
  return text.replace(/[\\`*_[\]<>]/g, "\\$&").replace(/\n/g, "  \n");
}

/**
 * Hands a conversation to the browser as a file.
 * @param {Thread} thread
 * @returns {string} the file's name
 */
export function saveThread(thread) {
  const name = `${flat(nameOf(thread)).replace(/[\\/:*?"<>|\p{Cc}]/gu, " ").trim().slice(0, 60) || "chuchu"}.md`;
  save(new Blob([threadMarkdown(thread)], { type: "text/markdown;charset=utf-8" }), name);
  return name;
}

/**
 * @param {Blob} blob
 * @param {string} name
 */
export function save(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000); // the browser may still be reading it
}
