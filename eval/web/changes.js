/* Two runs over the same questions: what moved, and whether it means anything. */

function changes(run) {
  if (!run.comparisons.length) return null;
  const rows = run.comparisons.map((each) =>
    el(
      "tr",
      {},
      el("th", { scope: "row" }, named(run, each.metric)),
      el("td", { class: "drawn" }, moveTrack(each.before, each.after, verdictOf(each))),
      el("td", { class: "n" }, figure(each.metric, each.before)),
      el("td", { class: "n strong" }, figure(each.metric, each.after)),
      el(
        "td",
        { class: "n" },
        difference(each.metric, each.before, each.after),
        each.moved > 0 && el("span", { class: "spread" }, `${difference(each.metric, 0, each.low)} to ${difference(each.metric, 0, each.high)}`),
      ),
      el("td", { class: "n" }, `${each.moved.toLocaleString("en")} of ${each.n.toLocaleString("en")}`),
      el("td", { class: "n" }, each.p_corrected < 0.001 ? "< 0.001" : each.p_corrected.toFixed(3)),
      el("td", {}, pill(each)),
    ),
  );
  const heads = ["metric", "", "before", "after", "difference", "moved", "p", "verdict"];
  return section(
    "changes",
    "What changed",
    "The same questions in both runs, compared pair by pair. Under each difference stands its 95% interval; p is that of a paired permutation test, corrected for how many metrics there are (Holm). What could as well be chance is called noise.",
    summaryOf(run),
    table(heads, rows),
    flips(run),
    differing(run),
  );
}

function summaryOf(run) {
  const count = (verdict) => run.comparisons.filter((each) => verdictOf(each) === verdict).length;
  const [better, worse] = [count("better"), count("worse")];
  const text =
    better || worse
      ? [better && `${counted(better, "metric")} better`, worse && `${counted(worse, "metric")} worse`].filter(Boolean).join(", ")
      : "No metric moved by more than chance would.";
  return el("p", { class: `notice ${worse ? "bad" : better ? "good" : ""}` }, text);
}

/** What is known to be different about how the two were made, and how many questions only one of them has. */
function differing(run) {
  const [before, after] = run.unpaired;
  const alone = [before && `${counted(before, "question")} only before`, after && `${counted(after, "question")} only now`].filter(Boolean);
  return el(
    "dl",
    { class: "facts differing" },
    row("made differently", el("dd", {}, run.differs.length ? run.differs.map((each) => [el("code", {}, each), " "]) : "nothing that is known")),
    alone.length ? row("not compared", el("dd", {}, alone.join(", "))) : null,
  );
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
