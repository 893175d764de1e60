/** An answer with its sources as plain text, to paste elsewhere. */

import { language, sayDate } from "./language.js";

/**
 * @param {import("./api.js").Answer} answer
 * @returns {string}
 */
export function answerText(answer) {
  const chinese = language() === "zh";
  const lines = [answer.question, ""];
  if (answer.short_answer) lines.push(answer.short_answer, "");
  for (const { text, citations } of answer.claims) lines.push(text + citations.map((n) => `[${n}]`).join(""));
  if (!answer.claims.length) lines.push(answer.answer);
  if (answer.citations.length) lines.push("");
  for (const { marker, title, published, source, quote, dates = [] } of answer.citations) {
    const where = [chinese ? `《${title}》` : `“${title}”`, published && sayDate(published), source.name];
    const place = where.filter(Boolean).join(chinese ? "，" : ", ");
    lines.push(`[${marker}] ${place}${chinese ? "：" : ": "}“${quote}”${meant(dates, chinese)}`);
  }
  return lines.join("\n") + "\n";
}

/**
 * @param {{text: string, means: string}[]} dates
 * @param {boolean} chinese
 */
function meant(dates, chinese) {
  const all = dates.map(({ text, means }) => `${text} = ${sayDate(means)}`).join(chinese ? "，" : ", ");
  return all && (chinese ? `（${all}）` : ` (${all})`);
}

/**
 * @param {string} text
 * @returns {Promise<boolean>} whether it is on the clipboard
 */
export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false; // not allowed, or no clipboard outside a secure context
  }
}
