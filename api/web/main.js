/** The page: wires the form, the answers, the source panel and the documents together. */

import { AnswerEntry } from "./answer-entry.js";
import * as api from "./api.js";
import { AskForm } from "./ask-form.js";
import { DocumentsDrawer } from "./documents-drawer.js";
import { el, hear, isAbort, Latest } from "./dom.js";
import { offerMarking } from "./feedback.js";
import { forget, forgetDocument, remember, shows } from "./history.js";
import { language, languageOf, setLanguage, translate, write } from "./language.js";
import "./key-prompt.js";
import { PastQuestions } from "./past-questions.js";
import { SourcePanel } from "./source-panel.js";
import { themeSwitch } from "./theme.js";

/** @param {string} selector */
const find = (selector) => /** @type {any} */ (document.querySelector(selector));

const form = /** @type {AskForm} */ (find("ask-form"));
const panel = /** @type {SourcePanel} */ (find("source-panel"));
const drawer = /** @type {DocumentsDrawer} */ (find("documents-drawer"));
const past = /** @type {PastQuestions} */ (find("past-questions"));
const entries = /** @type {HTMLElement} */ (find("#entries"));
const examples = /** @type {HTMLElement} */ (find("#examples"));

const TOUCH = matchMedia("(pointer: coarse)");

/** @type {AnswerEntry | null} the one that is being answered */
let current = null;

// asking

/**
 * @param {string} question
 * @param {number[]} documents
 */
function ask(question, documents) {
  current?.stop();
  const entry = new AnswerEntry();
  const before = /** @type {AnswerEntry | null} */ (entries.firstElementChild);
  entries.prepend(entry);
  start(entry);
  void entry.ask(question, documents, before?.question ? [before.question] : []);
  scrollTo({ top: 0 });
  if (TOUCH.matches) form.box.blur(); // the keyboard would cover the answer
}

/** @param {AnswerEntry} entry */
function start(entry) {
  if (current !== entry) current?.stop();
  current = entry;
  form.setBusy(true);
}

hear(form, "ask", ({ question, documents }) => ask(question, documents));
hear(form, "stop", () => current?.stop());
hear(form, "unchoose", ({ id }) => drawer.choose(id, null));
hear(entries, "again", (_, entry) => start(entry));
hear(entries, "settled", (_, entry) => {
  if (entry !== current) return;
  current = null;
  form.setBusy(false);
});
hear(entries, "answered", ({ answer }) => {
  remember(answer);
  showPast();
});
hear(entries, "removed", (_, entry) => {
  if (entry.answer) forget(entry.answer.id);
  entry.stop();
  entry.remove();
  form.box.focus();
});
hear(document, "news", (words) => {
  find("#status").textContent = words;
});

// earlier answers

function showPast() {
  const onPage = /** @type {AnswerEntry[]} */ ([...entries.children]).map(({ answer }) => answer?.id ?? "");
  past.show(new Set(onPage));
}

hear(past, "recall", ({ answer }) => {
  const entry = new AnswerEntry();
  entries.prepend(entry);
  entry.show(answer);
  showPast();
  scrollTo({ top: 0 });
  entry.heading.focus({ preventScroll: true });
});
hear(past, "cleared", () => {
  entries.replaceChildren();
  showPast();
  form.box.focus();
});

// documents

hear(document, "open-place", (place) => void panel.open(place));
offerMarking(panel);
find("#open-documents").addEventListener("click", () => drawer.open());
hear(drawer, "choose", ({ scope }) => form.setScope(scope));
hear(drawer, "changed", () => void showExamples());
hear(drawer, "deleted", ({ id }) => {
  forgetDocument(id);
  for (const entry of /** @type {AnswerEntry[]} */ ([...entries.children])) {
    if (entry.answer && shows(entry.answer, id)) entry.remove();
  }
  find("#status").textContent = "";
  if (panel.isOpen && panel.place?.documentId === id) panel.close();
  showPast();
});

// examples

const latestExamples = new Latest();

async function showExamples() {
  const signal = latestExamples.next();
  try {
    const questions = await api.examples(language(), signal);
    const items = questions.map((question) =>
      el(
        "li",
        {},
        el("button", { type: "button", lang: languageOf(question), onclick: () => form.ask(question) }, question),
      ),
    );
    if (signal.aborted) return;
    examples.hidden = !items.length;
    find("#examples ul").replaceChildren(...items);
  } catch (error) {
    if (isAbort(error)) return;
    examples.hidden = true; // the page is as good without them
    const starting = error instanceof api.Problem && error.status === 503;
    if (starting) setTimeout(() => signal.aborted || showExamples(), 2000);
  }
}

// files dropped anywhere

let depth = 0; // dragenter and dragleave come in pairs for every element on the way

/** @param {DragEvent} event */
const hasFiles = (event) => event.dataTransfer?.types.includes("Files") ?? false;

/** @param {number} now */
function showDrop(now) {
  depth = Math.max(0, now);
  find("#drop").hidden = depth === 0;
}

addEventListener("dragenter", (event) => hasFiles(event) && showDrop(depth + 1));
addEventListener("dragleave", (event) => hasFiles(event) && showDrop(depth - 1));
addEventListener("dragover", (event) => hasFiles(event) && event.preventDefault());
addEventListener("drop", (event) => {
  if (!hasFiles(event)) return;
  event.preventDefault();
  showDrop(0);
  drawer.upload(event.dataTransfer?.files ?? null);
});

// keys, language, theme

addEventListener("keydown", (event) => {
  if (event.isComposing || document.querySelector("dialog:modal")) return;
  const typing = event.target instanceof Element && event.target.matches("input, textarea");
  if (event.key === "Escape" && panel.isOpen) panel.close();
  if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  form.box.focus();
});

const languageSwitch = /** @type {HTMLButtonElement} */ (find("#switch-language"));
languageSwitch.addEventListener("click", () => {
  setLanguage(language() === "zh" ? "en" : "zh");
  languageSwitch.lang = language() === "zh" ? "en" : "zh-CN";
  void showExamples();
});
hear(document, "key", () => void showExamples());

write(languageSwitch, "otherLanguage");
languageSwitch.lang = language() === "zh" ? "en" : "zh-CN";
themeSwitch(find("#switch-theme"));
translate(document.body);
showPast();
void showExamples();
if (!TOUCH.matches) form.box.focus({ preventScroll: true });
