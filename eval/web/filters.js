/* The questions, and which of them are shown: by outcome, kind, language, blame, change and words. */

const PAGE = 60;
const FILTERED = { kind: "Kind", lang: "Language", blame: "Lost at", change: "Change" };

/** @type {(wanted: Record<string, string>) => void} set once the questions are on the page */
let seeCases = () => {};

function questions(run) {
  const cases = run.cases;
  if (!cases.length) return null;
  let most = PAGE;
  const list = el("div", { class: "cases" });
  const more = el("button", { type: "button", class: "more-button" });
  const tally = el("output", { class: "tally", for: "find" });
  const find = el("input", { id: "find", type: "search", placeholder: "question, answer, quote, id", autocomplete: "off" });
  const outcome = outcomes(cases);
  const selects = Object.fromEntries(
    Object.keys(FILTERED)
      .map((key) => [key, options(key, cases)])
      .filter(([, select]) => select),
  );
  const clear = el("button", { type: "button", class: "plain", hidden: true }, "Clear filters");

  const wanted = () => ({
    outcome: outcome.value(),
    find: find.value.trim(),
    ...Object.fromEntries(Object.entries(selects).map(([key, { select }]) => [key, select.value])),
  });

  function show() {
    const now = wanted();
    const needle = now.find.normalize("NFKC").toLowerCase();
    const fitting = cases.filter(
      (each) =>
        (!now.outcome || each.outcome === now.outcome) &&
        Object.keys(selects).every((key) => !now[key] || each[key] === now[key]) &&
        (!needle || each.text.includes(needle)),
    );
    list.replaceChildren(...fitting.slice(0, most).map((each, index) => caseRow(run, each, index === 0 && fitting.length < cases.length)));
    if (!fitting.length) list.append(el("p", { class: "none" }, "No question fits these filters."));
    more.hidden = fitting.length <= most;
    more.textContent = `Show ${Math.min(PAGE, fitting.length - most)} more of ${fitting.length - most}`;
    tally.value = `${fitting.length.toLocaleString("en")} of ${counted(cases.length, "question")}`;
    clear.hidden = !Object.values(now).some(Boolean);
    keepInAddress(now);
  }

  function set(next) {
    outcome.set(next.outcome ?? "");
    find.value = next.find ?? "";
    for (const [key, { select }] of Object.entries(selects)) select.value = next[key] ?? "";
    for (const { select } of Object.values(selects)) if (select.selectedIndex < 0) select.value = "";
    again();
  }

  function again() {
    most = PAGE;
    show();
  }

  seeCases = (next) => {
    set(next);
    document.getElementById("questions").scrollIntoView({ behavior: "instant", block: "start" });
    list.querySelector("summary")?.focus({ preventScroll: true });
  };
  outcome.element.addEventListener("change", again);
  find.addEventListener("input", again);
  for (const { select } of Object.values(selects)) select.addEventListener("change", again);
  clear.addEventListener("click", () => {
    set({});
    find.focus();
  });
  more.addEventListener("click", () => {
    const from = list.childElementCount;
    most += PAGE;
    show();
    list.children[from]?.querySelector("summary")?.focus();
  });
  addEventListener("keydown", (event) => keys(event, list, find));
  addEventListener("beforeprint", () => {
    most = cases.length;
    show();
  });
  addEventListener("hashchange", () => location.hash.includes("=") && set(fromAddress()));

  const bar = el(
    "form",
    { class: "filters", role: "search", "aria-label": "Filter the questions", onsubmit: (event) => event.preventDefault() },
    outcome.element,
    Object.values(selects).map(({ label }) => label),
    el("label", { class: "find" }, el("span", {}, "Find"), find),
    el("span", { class: "found-line" }, tally, clear),
  );
  const start = fromAddress();
  set(Object.keys(start).length ? start : { outcome: run.baseline ? "" : cases.some((each) => !each.right) ? "wrong" : "", change: startChange(cases) });
  return section(
    "questions",
    "Questions",
    el("span", { class: "keys" }, el("kbd", {}, "/"), " finds, ", el("kbd", {}, "j"), " and ", el("kbd", {}, "k"), " go down and up, ", el("kbd", {}, "Enter"), " opens"),
    bar,
    list,
    more,
  );
}

function startChange(cases) {
  return ["lost", "gained"].find((each) => cases.some(({ change }) => change === each)) ?? "";
}

function outcomes(cases) {
  const rows = [["", `All ${cases.length.toLocaleString("en")}`]];
  for (const [name, [glyph]] of Object.entries(OUTCOMES)) {
    const n = cases.filter((each) => each.outcome === name).length;
    if (n) rows.push([name, `${glyph} ${name} ${n.toLocaleString("en")}`]);
  }
  const inputs = rows.map(([value, text]) => {
    const input = el("input", { type: "radio", name: "outcome", value, id: `outcome-${value || "all"}` });
    return [input, el("label", { class: `outcome ${value}` }, input, el("span", {}, text))];
  });
  return {
    element: el("fieldset", { class: "outcomes" }, el("legend", { class: "unseen" }, "Outcome"), inputs.map(([, label]) => label)),
    value: () => inputs.find(([input]) => input.checked)?.[0].value ?? "",
    set: (value) => {
      const wanted = inputs.find(([input]) => input.value === value) ?? inputs[0];
      wanted[0].checked = true;
    },
  };
}

function options(key, cases) {
  const counts = new Map();
  for (const each of cases) if (each[key]) counts.set(each[key], (counts.get(each[key]) ?? 0) + 1);
  if (counts.size < (key === "change" ? 1 : 2)) return null;
  const rows = [...counts].map(([value, n]) => el("option", { value }, `${valueName(key, value)} (${n})`));
  const select = el("select", { id: `filter-${key}` }, el("option", { value: "" }, "all"), rows);
  return { select, label: el("label", {}, el("span", {}, FILTERED[key]), select) };
}

/** The filters stand in the address, so that a link to this file leads to the same questions. */
function keepInAddress(now) {
  const held = new URLSearchParams(Object.entries(now).filter(([, value]) => value));
  const hash = `#${held}`;
  if (hash === location.hash || (hash === "#" && !location.hash)) return;
  try {
    history.replaceState(null, "", hash);
  } catch {
    /* an address that may not change is only less handy */
  }
}

function fromAddress() {
  const held = location.hash.slice(1);
  return held.includes("=") ? Object.fromEntries(new URLSearchParams(held)) : {};
}

function keys(event, list, find) {
  if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target instanceof Element && event.target.matches("input[type=search], select")) {
    if (event.key === "Escape" && event.target === find && !find.value) list.querySelector("summary")?.focus();
    return;
  }
  if (event.key === "/") {
    event.preventDefault();
    find.focus();
    find.select();
  }
  if (event.key !== "j" && event.key !== "k") return;
  const summaries = [...list.querySelectorAll(".case > summary")];
  const at = summaries.indexOf(document.activeElement?.closest?.(".case")?.firstElementChild);
  const next = event.key === "j" ? at + 1 : Math.max(0, at - 1);
  summaries[next]?.focus();
  summaries[next]?.scrollIntoView({ block: "nearest" });
}
