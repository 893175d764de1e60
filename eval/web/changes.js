/* Two runs over the same questions: what moved, and whether it means anything. */

function changes(run) {
  if (!run.comparisons.length) return null;
  const rows = run.comparisons.map((each) =>
    el(
      "tr",
      { class: each.verdict },
      el("th", { scope: "row" }, named(run, each.metric)),
      el("td", { class: "drawn" }, moveTrack(each.before, each.after, each.verdict)),
      el("td", { class: "n" }, figure(each.metric, each.before)),
      el("td", { class: "n strong" }, figure(each.metric, each.after)),
      el("td", { class: "n" }, difference(each.metric, each.before, each.after)),
      el("td", { class: "n" }, each.p < 0.001 ? "< 0.001" : each.p.toFixed(3)),
      el("td", { class: "n" }, each.n.toLocaleString("en")),
      el("td", {}, el("span", { class: `pill ${each.verdict}` }, VERDICTS[each.verdict] ?? each.verdict)),
    ),
  );
  const heads = ["metric", "", "before", "after", "difference", "p", "n", "verdict"];
  return section(
    "changes",
    "What changed",
    "The same questions in both runs, compared pair by pair: p is that of a permutation test, and what could as well be chance is called noise.",
    summaryOf(run),
    table(heads, rows),
    flips(run),
  );
}

function summaryOf(run) {
  const count = (verdict) => run.comparisons.filter((each) => each.verdict === verdict).length;
  const [better, worse] = [count("better"), count("worse")];
  const text =
    better || worse
      ? [better && `${counted(better, "metric")} better`, worse && `${counted(worse, "metric")} worse`].filter(Boolean).join(", ")
      : "No metric moved by more than chance would.";
  return el("p", { class: `notice ${worse ? "bad" : better ? "good" : ""}` }, text);
}

function flips(run) {
  const items = Object.entries(CHANGES)
    .map(([name, [glyph, meaning]]) => [name, glyph, meaning, run.cases.filter((each) => each.change === name).length])
    .filter(([, , , n]) => n);
  if (!items.length) return el("p", { class: "lead" }, "No question was answered differently.");
  return el(
    "ul",
    { class: "flips" },
    items.map(([name, glyph, meaning, n]) =>
      el("li", {}, el("button", { type: "button", class: `flip ${name}`, onclick: () => seeCases({ change: name }) }, el("b", {}, `${glyph} ${n}`), ` ${meaning}`)),
    ),
  );
}
