/** The page: wires the conversations, the question box, the source panel and the documents together. */

import "./key-prompt.js";
import * as api from "./api.js";
import { AskForm } from "./ask-form.js";
import { Conversation, writeTitle } from "./conversation.js";
import { DocumentsDrawer } from "./documents-drawer.js";
import { el, hear } from "./dom.js";
import { acceptDrops } from "./dropping.js";
import { offerMarking } from "./feedback.js";
import { language, say, setLanguage, translate, write } from "./language.js";
import { navigate, onNavigated } from "./layers.js";
import { markSource } from "./notes.js";
import { OpeningPage } from "./opening-page.js";
import { lookAnew } from "./presence.js";
import { SourcePanel } from "./source-panel.js";
import { themeSwitch } from "./theme.js";
import { ThreadList } from "./thread-list.js";
import { newTurn, ThreadStore } from "./threads.js";
import { told } from "./trouble.js";

/** @param {string} selector */
const find = (selector) => /** @type {any} */ (document.querySelector(selector));

const form = /** @type {AskForm} */ (find("ask-form"));
const panel = /** @type {SourcePanel} */ (find("source-panel"));
const drawer = /** @type {DocumentsDrawer} */ (find("documents-drawer"));
const rail = /** @type {ThreadList} */ (find("thread-list"));
const opening = /** @type {OpeningPage} */ (find("opening-page"));
const log = /** @type {HTMLElement} */ (find("#entries"));

const TOUCH = matchMedia("(pointer: coarse)");

const store = new ThreadStore();
const conversation = new Conversation(log, store);
rail.use(store);

// asking

/** @param {{question: string, documents: import("./threads.js").Scope[]}} asked */
function ask({ question, documents }) {
  conversation.ask(question, documents);
  if (TOUCH.matches) form.box.blur(); // the keyboard would cover the answer
}

hear(form, "ask", ask);
hear(form, "stop", () => conversation.stop());
hear(form, "add", () => drawer.open());
hear(form, "unchoose", ({ id }) => drawer.choose(id, null));
hear(opening, "ask-this", ({ question }) => form.ask(question));
hear(opening, "add", () => drawer.open());
hear(conversation, "busy", ({ busy }) => form.setBusy(busy));
hear(document, "news", (words) => {
  find("#status").textContent = words;
});

// conversations

/** @param {import("./threads.js").Thread | null} thread */
function open(thread) {
  navigate(thread ? `/#t=${thread.id}` : "/");
  if (panel.isOpen) panel.close();
  conversation.show(thread);
  if (!thread || !TOUCH.matches) form.box.focus({ preventScroll: true });
}

hear(rail, "new-thread", () => open(null));
hear(rail, "choose-thread", ({ id }) => open(store.read(id)));
hear(rail, "delete-thread", ({ id }) => store.delete(id));
hear(rail, "clear-threads", () => store.clear());
hear(conversation, "emptied", () => open(null));
hear(conversation, "shown", () => {
  const isEmpty = conversation.isEmpty;
  document.body.classList.toggle("talking", !isEmpty);
  opening.show(isEmpty);
  find("#thread-title").hidden = isEmpty;
  writeTitle(find("#thread-title"), conversation.thread);
  document.title = isEmpty ? say("brand") : `${find("#thread-title").textContent} · ${say("brand")}`;
  rail.setCurrent(conversation.thread.id);
});
find("#open-threads").addEventListener("click", () => rail.open());
find("#new-thread").addEventListener("click", () => open(null));

/** What the address asks for: a conversation, an answer by its link, or a new page. */
async function go() {
  const answerId = /^\/a\/([0-9a-f]{32})$/.exec(location.pathname)?.[1];
  const threadId = /^#t=(\w+)$/.exec(location.hash)?.[1];
  if (answerId) return showLinked(answerId);
  conversation.show(threadId ? store.read(threadId) : null);
}

/**
 * An answer opened by its link: as it is kept here, else as the service remembers it.
 * @param {string} id
 */
async function showLinked(id) {
  const here = store.findAnswer(id);
  if (here) return conversation.show(here.thread, id);
  conversation.show(null);
  try {
    const answer = await api.getAnswer(id, new AbortController().signal);
    const thread = store.begin();
    store.putTurn(thread, { ...newTurn(answer.question), state: "answered", answer });
    conversation.show(store.get(thread.id), id);
    for (const gone of answer.gone ?? []) markSource(log, gone, "citationGone");
    for (const changed of answer.changed ?? []) markSource(log, changed, "citationChanged");
  } catch (error) {
    const problem = error instanceof api.Problem ? error : new api.Problem(500, null);
    const words = problem.status === 404 ? [el("p", { t: "linkGone" })] : told(problem);
    log.replaceChildren(el("div", { class: "trouble", role: "alert" }, ...words));
    opening.show(false);
  }
}

onNavigated(() => {
  if (panel.isOpen) panel.close();
  void go();
});

// documents

hear(document, "open-place", (place) => void panel.open(place));
hear(panel, "missing", ({ documentId }) => markSource(log, documentId, "citationGone"));
offerMarking(panel);
find("#open-documents").addEventListener("click", () => drawer.open());
hear(drawer, "choose", ({ scope }) => form.setScope(scope));
hear(drawer, "changed", () => {
  lookAnew();
  void opening.refresh();
});
hear(drawer, "deleted", ({ id, title }) => {
  store.forgetDocument(id, title);
  find("#status").textContent = "";
  if (panel.isOpen && panel.place?.documentId === id) panel.close();
});
acceptDrops(find("#drop"), (files) => drawer.upload(files));

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
  rail.render();
  if (conversation.isEmpty) document.title = say("brand");
  void opening.refresh();
});
hear(document, "key", () => {
  void opening.refresh();
  if (location.pathname !== "/") void go(); // an answer by its link, which needed the key
});

write(languageSwitch, "otherLanguage");
languageSwitch.lang = language() === "zh" ? "en" : "zh-CN";
themeSwitch(find("#switch-theme"));
translate(document.body);
void go();
if (!TOUCH.matches) form.box.focus({ preventScroll: true });
