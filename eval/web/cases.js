/* One question with all that is known of it, and two runs' answers to it side by side. */

const OUTCOMES = { wrong: ["✗", "wrong"], flawed: ["!", "right, with a flaw"], right: ["✓", "right"] };
const CHANGES = { gained: ["▲", "wrong before, right now"], lost: ["▼", "right before, wrong now"], moved: ["≈", "other scores moved"] };

function caseRow(run, each, open) {
  const [glyph, meaning] = OUTCOMES[each.outcome];
  const changed = each.change && CHANGES[each.change];
  const tags = [
    each.kind && el("span", { class: "tag" }, plain(each.kind)),
    each.lang && el("span", { class: "tag" }, valueName("lang", each.lang)),
    each.blame && !each.right && el("span", { class: "tag lost" }, plain(each.blame)),
    changed && el("span", { class: `tag ${each.change}`, title: changed[1] }, `${changed[0]} ${each.change}`),
  ];
  const details = el(
    "details",
    { class: `case ${each.outcome}`, id: `case-${each.index}` },
    el(
      "summary",
      {},
      el("span", { class: "glyph", "aria-hidden": "true" }, glyph),
      el("span", { class: "unseen" }, `${meaning}: `),
      words("span", each.question, { class: "question" }),
      el("span", { class: "tags" }, tags),
      el("span", { class: "gist" }, gist(each)),
    ),
  );
  const show = () => details.open && details.childElementCount === 1 && details.append(caseBody(run, each));
  details.addEventListener("toggle", show);
  details.open = open;
  show();
  return details;
}

/** What was expected and what was said, on one line. */
function gist(each) {
  const wanted = expected(each);
  const got = said(each);
  return [
    el("span", { class: "unseen" }, "expected "),
    words("span", wanted, { class: "wanted" }),
    el("span", { class: "arrow", "aria-hidden": "true" }, "→"),
    el("span", { class: "unseen" }, ", said "),
    words("span", got, { class: "got" }),
  ];
}

function expected(each) {
  if (!Array.isArray(each.expected)) return each.expected ? String(each.expected) : "–";
  return each.expected.length ? each.expected.join(" / ") : "nothing: the documents do not say";
}

function said(each) {
  if (each.short_answer || each.prediction) return each.short_answer || each.prediction;
  if (each.claims?.length) return shorten(each.claims.map(({ text }) => text).join(" "));
  if (each.ranked) return each.ranked.length ? counted(each.ranked.length, "document") : "nothing found";
  if (each.status && each.status !== "answered") return `refused: ${plain(each.status)}`;
  return "–";
}

function shorten(text, most = 80) {
  const points = [...text];
  return points.length > most ? `${points.slice(0, most).join("")}…` : text;
}

function caseBody(run, each) {
  const answers = each.before
    ? el(
        "div",
        { class: "two" },
        el("section", {}, el("h4", {}, `Before · ${run.baseline.label}`), answerView(each.before, each)),
        el("section", {}, el("h4", {}, "Now"), answerView(each, each)),
      )
    : answerView(each, each);
  return el(
    "div",
    { class: "case-body" },
    el("dl", { class: "pair" }, row("expected", words("dd", expected(each))), row("id", el("dd", {}, el("code", {}, each.id)))),
    each.before ? changedScores(run, each) : null,
    answers,
    evidence(each),
    found(each),
    rest(run, each),
  );
}

function row(name, value) {
  return el("div", {}, el("dt", {}, name), value);
}

function changedScores(run, each) {
  const moved = Object.keys(each.scores ?? {}).filter((name) => name in (each.before.scores ?? {}) && each.before.scores[name] !== each.scores[name]);
  if (!moved.length) return null;
  const items = moved.map((name) => el("li", {}, `${plain(name)} ${figure(name, each.before.scores[name], 0)} → ${figure(name, each.scores[name], 0)}`));
  return el("ul", { class: "moved-scores" }, items);
}

/** An answer as its reader saw it, with what is wrong with it. */
function answerView(answer, asked) {
  const wanted = Array.isArray(asked.expected) ? asked.expected : [];
  const short = answer.short_answer || answer.prediction;
  return el(
    "div",
    { class: "answer" },
    answer.why_not && words("p", answer.why_not, { class: answer.right ? "why flawed" : "why" }),
    short && words("p", short, { class: "short" }),
    (answer.claims ?? []).map((claim) =>
      el(
        "p",
        { class: "claim", lang: languageOf(claim.text) },
        lit(claim.text, wanted),
        claim.citations.map((marker) => el("span", { class: "marker" }, String(marker))),
        claim.supported === false && el("span", { class: "flag", lang: "en" }, "not supported by its quotes"),
      ),
    ),
    !answer.claims?.length && answer.answer && words("p", answer.answer, { class: "claim" }),
    !short && !answer.claims && !answer.answer && !answer.ranked && el("p", { class: "lead" }, unkept(answer)),
    (answer.citations ?? []).map((cited) => citation(cited, wanted)),
  );
}

/** Without the empty lines that part paragraphs: the surroundings are there to be glanced at. */
function closeUp(text) {
  return text.replace(/\n{2,}/g, "\n");
}

/** What is left of an answer in a baseline, which keeps no texts. */
function unkept({ status, right }) {
  const outcome = status && status !== "answered" ? `refused: ${plain(status)}` : right ? "right" : "wrong";
  return `${outcome}; this run was kept without its texts`;
}

/** A quote lit within what surrounds it. */
function citation(cited, wanted) {
  const source = cited.source?.name ?? cited.source_name ?? "";
  const checked = cited.in_evidence === undefined ? null : cited.in_evidence ? "in the evidence" : "not in the evidence";
  const place = cited.start === undefined ? null : `characters ${cited.start}–${cited.end}`;
  return el(
    "figure",
    { class: `citation${cited.broken ? " broken" : ""}` },
    el(
      "blockquote",
      { lang: languageOf(cited.quote) },
      el("span", { class: "around" }, cited.before ? `…${closeUp(cited.before)}` : ""),
      el("mark", {}, lit(closeUp(cited.quote), wanted)),
      el("span", { class: "around" }, cited.after ? `${closeUp(cited.after)}…` : ""),
    ),
    el(
      "figcaption",
      {},
      el("span", { class: "marker" }, String(cited.marker)),
      words("cite", cited.title || source),
      cited.title && source ? words("span", source) : null,
      place && el("span", {}, place),
      checked && el("span", { class: cited.in_evidence ? "good" : "bad" }, `${cited.in_evidence ? "✓" : "✗"} ${checked}`),
      cited.broken && words("strong", `broken: ${cited.broken}`),
    ),
  );
}

function evidence(each) {
  if (!each.evidence?.length) return null;
  const wanted = Array.isArray(each.expected) ? each.expected : [];
  return el("section", { class: "evidence" }, el("h4", {}, "Where the documents say it"), each.evidence.map((text) => el("blockquote", { lang: languageOf(text) }, lit(text, wanted))));
}

/** What the search came back with, in its order. */
function found(each) {
  const wanted = Array.isArray(each.expected) ? each.expected : [];
  const rows = each.hits ?? each.ranked ?? [];
  if (!rows.length) return null;
  const items = rows.map((hit) => {
    if (typeof hit !== "object") return el("li", { class: wanted.includes(String(hit)) ? "relevant" : null }, el("code", {}, String(hit)));
    return el("li", {}, hit.title && words("cite", hit.title), hit.text && el("p", { lang: languageOf(hit.text) }, lit(hit.text, wanted)));
  });
  return el("details", { class: "more" }, el("summary", {}, `What was found (${rows.length})`), el("ol", { class: "found" }, items));
}

const SHOWN = new Set(
  "id index question kind lang expected evidence status short_answer prediction answer claims citations right why_not blame scores counts latency_ms timings_ms hits ranked before outcome change text loss answered".split(" "),
);

/** Scores and times, and whatever else a kind of evaluation writes about its cases. */
function rest(run, each) {
  const scores = Object.entries(each.scores ?? {}).map(([name, value]) => row(plain(name), el("dd", {}, figure(name, value, 0))));
  const counts = Object.entries(each.counts ?? {}).map(([name, [part, whole]]) => row(plain(name), el("dd", {}, `${part} of ${whole}`)));
  const times = Object.entries(each.timings_ms ?? {}).map(([name, value]) => row(`${plain(name)} time`, el("dd", {}, milliseconds(value))));
  const took = each.latency_ms === undefined ? [] : [row("took", el("dd", {}, milliseconds(each.latency_ms)))];
  const others = Object.entries(each)
    .filter(([name, value]) => !SHOWN.has(name) && value !== null && value !== undefined && value !== "")
    .map(([name, value]) => row(plain(name), words("dd", typeof value === "object" ? JSON.stringify(value) : String(value))));
  const rows = [...scores, ...counts, ...took, ...times, ...others];
  return rows.length ? el("details", { class: "more" }, el("summary", {}, "Scores and times"), el("dl", { class: "made" }, rows)) : null;
}
