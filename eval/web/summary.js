/* What a run came to: the figures first, then where they come from. */

const HEADLINE = {
  facts: ["answer_right", "right_and_cited", "refused_right", "refused_wrong", "citation_precision", "citation_recall"],
  retrieval: ["mrr@10", "recall@10", "ndcg@10"],
  reading: ["exact_match", "f1", "refused_wrong"],
};

function section(id, title, lead, ...parts) {
  const heading = `${id}-title`;
  return el(
    "section",
    { id, "aria-labelledby": heading },
    el("div", { class: "section-head" }, el("h2", { id: heading }, title), lead && el("p", { class: "lead" }, lead)),
    parts,
  );
}

function opening(run) {
  const facts = [
    run.created && ["measured", run.created],
    ["questions", run.cases.length.toLocaleString("en")],
    run.latency_ms?.p50 !== undefined && ["median time", milliseconds(run.latency_ms.p50)],
    run.baseline && ["compared with", run.baseline.label],
  ].filter(Boolean);
  return el(
    "div",
    { class: "opening" },
    el("p", { class: "kind" }, plain(run.kind)),
    words("h1", run.dataset),
    el("dl", { class: "facts" }, facts.map(([name, value]) => el("div", {}, el("dt", {}, name), words("dd", String(value))))),
    verdict(run),
  );
}

function verdict(run) {
  if (run.misses.length) {
    return el(
      "div",
      { class: "notice bad", role: "note" },
      el("h2", {}, "✗ Not passed"),
      el("ul", {}, run.misses.map((each) => words("li", each))),
    );
  }
  return run.gated ? el("p", { class: "notice good" }, "✓ Every gate is reached, nothing is worse than it was.") : null;
}

function headline(run) {
  const wanted = (HEADLINE[run.kind] ?? []).filter((name) => run.metrics[name]);
  const names = wanted.length ? wanted : Object.keys(run.metrics).slice(0, 6);
  if (!names.length) return null;
  const tiles = names.map((name) => {
    const metric = run.metrics[name];
    const earlier = run.comparisons.find((each) => each.metric === name);
    return el(
      "li",
      { class: "tile" },
      el("h3", {}, plain(name), run.lower[name] && el("span", { class: "lower" }, "lower is better")),
      el("p", { class: "value" }, figure(name, metric.value)),
      intervalTrack(metric, earlier?.before ?? null),
      el(
        "p",
        { class: "range" },
        `${figure(name, metric.low)} – ${figure(name, metric.high)}`,
        el("span", {}, `n = ${metric.n.toLocaleString("en")}`),
      ),
      earlier && el("p", { class: "since" }, change(earlier)),
    );
  });
  return section(
    "headline",
    "Headline",
    "Each bar spans the 95% bootstrap interval: of two runs whose bars overlap widely, little can be said.",
    el("ul", { class: "tiles" }, tiles),
  );
}

const VERDICTS = { better: "▲ better", worse: "▼ worse", noise: "≈ noise", same: "= same" };

function verdictOf({ verdict: word, moved }) {
  return moved === 0 ? "same" : word;
}

function pill(each) {
  const word = verdictOf(each);
  return el("span", { class: `pill ${word}` }, VERDICTS[word] ?? word);
}

function change(each) {
  return [pill(each), ` ${difference(each.metric, each.before, each.after)}`];
}

function allMetrics(run) {
  const rows = Object.entries(run.metrics).map(([name, metric]) =>
    el(
      "tr",
      {},
      el("th", { scope: "row" }, named(run, name), el("span", { class: "what" }, run.what[name] ?? "")),
      el("td", { class: "drawn" }, intervalTrack(metric)),
      el("td", { class: "n strong" }, figure(name, metric.value)),
      el("td", { class: "n" }, `${figure(name, metric.low)} – ${figure(name, metric.high)}`),
      el("td", { class: "n" }, metric.n.toLocaleString("en")),
    ),
  );
  return section("metrics", "Every metric", null, table(["metric", "", "value", "95% interval", "n"], rows));
}

function named(run, name) {
  return [el("span", { class: "name" }, plain(name)), run.lower[name] && el("span", { class: "lower" }, "↓ lower is better")];
}

function table(heads, rows, properties = {}) {
  const cells = heads.map((head) =>
    head ? el("th", { scope: "col", class: NUMBERS.has(head) ? "n" : null }, head) : el("td", { class: "drawn" }),
  );
  const body = el("table", properties, el("thead", {}, el("tr", {}, cells)), el("tbody", {}, rows));
  return el("div", { class: "scroll", role: "region", tabindex: "0", "aria-label": heads.filter(Boolean).join(", ") }, body);
}

const NUMBERS = new Set(["value", "95% interval", "n", "before", "after", "difference", "moved", "p", "misses", "share", "wrong", "median", "95%"]);

/** The metric that a person chooses, by kind, by language and whatever else the run was parted by. */
function parts(run) {
  const keys = Object.keys(run.by).filter((key) => Object.keys(run.by[key]).length > 1);
  if (!keys.length) return null;
  const names = [...new Set(keys.flatMap((key) => Object.values(run.by[key]).flatMap((each) => Object.keys(each))))];
  const ordered = Object.keys(run.metrics).filter((name) => names.includes(name));
  const chosen = el("select", { id: "parted" }, ordered.map((name) => el("option", { value: name }, plain(name))));
  const figures = el("div", { class: "parts" });
  const show = () => figures.replaceChildren(...keys.map((key) => partTable(run, key, chosen.value)).filter(Boolean));
  chosen.addEventListener("change", show);
  show();
  return section(
    "parts",
    "Where it is strong, where weak",
    null,
    el("p", { class: "choose" }, el("label", { for: "parted" }, "Metric"), chosen),
    figures,
  );
}

function partTable(run, key, name) {
  const rows = Object.entries(run.by[key])
    .filter(([, metrics]) => metrics[name])
    .map(([value, metrics]) => {
      const metric = metrics[name];
      const see = () => seeCases({ [key]: value, outcome: "wrong" });
      const label = key in FILTERED ? el("button", { type: "button", class: "link", onclick: see }, valueName(key, value)) : value;
      return el(
        "tr",
        {},
        el("th", { scope: "row" }, label),
        el("td", { class: "drawn" }, intervalTrack(metric)),
        el("td", { class: "n strong" }, figure(name, metric.value)),
        el("td", { class: "n" }, metric.n.toLocaleString("en")),
      );
    });
  if (!rows.length) return null;
  return el("div", {}, el("h3", {}, `by ${key === "lang" ? "language" : key}`), table([key === "lang" ? "language" : key, "", "value", "n"], rows));
}

const LANGUAGES = { zh: "Chinese", en: "English" };

function valueName(key, value) {
  return key === "lang" ? (LANGUAGES[value] ?? value) : plain(value);
}

/** At which step each wrong answer was lost. */
function blame(run) {
  const lost = run.cases.filter((each) => each.blame && !each.right);
  if (!lost.length) return null;
  const counts = new Map();
  for (const { blame: at } of lost) counts.set(at, (counts.get(at) ?? 0) + 1);
  const order = Object.keys(run.blames);
  const found = [...counts].sort((a, b) => rank(order, a[0]) - rank(order, b[0]) || b[1] - a[1]);
  const most = Math.max(...counts.values());
  const rows = found.map(([at, n]) =>
    el(
      "tr",
      {},
      el(
        "th",
        { scope: "row" },
        el("button", { type: "button", class: "link", onclick: () => seeCases({ blame: at, outcome: "wrong" }) }, plain(at)),
        run.blames[at] && el("span", { class: "what" }, run.blames[at]),
      ),
      el("td", { class: "drawn" }, shareTrack(n / most, "lost")),
      el("td", { class: "n strong" }, n.toLocaleString("en")),
      el("td", { class: "n" }, figure("share", n / lost.length, 0)),
    ),
  );
  return section("blame", "Where to work next", "The step at which each wrong answer was lost.", table(["lost at", "", "misses", "share"], rows));
}

function rank(order, name) {
  const at = order.indexOf(name);
  return at < 0 ? order.length : at;
}

function riskCoverage(run) {
  const found = run.risk_coverage;
  if (!found || found.points.length < 2) return null;
  const { points, area = null, operating } = found;
  const rows = [0.25, 0.5, 0.75, 1].map((coverage) => {
    const at = points.findLast(([share]) => share <= coverage + 1e-9) ?? points[0];
    return el("tr", {}, el("th", { scope: "row" }, figure("share", coverage, 0)), el("td", { class: "n strong" }, figure("risk", at[1])));
  });
  const marks = operating ? [{ at: operating, text: "as it is set" }] : [];
  const label = `Risk–coverage curve${area === null ? "" : `, area ${area.toFixed(3)}`}; the table beside it gives its figures`;
  return section(
    "risk",
    "Risk and coverage",
    "If only the surest answers were given: how many of those would be wrong. Lower is better; a flat start means that confidence can be trusted.",
    el(
      "div",
      { class: "beside" },
      curve(points, { label, across: "coverage: share of questions answered", up: "risk: share of those wrong", marks }),
      el(
        "div",
        {},
        area === null ? null : el("p", { class: "value small" }, area.toFixed(3), el("span", {}, "area under the curve")),
        table(["answered", "wrong"], rows),
      ),
    ),
  );
}

function stages(run) {
  const rows = run.stages;
  if (!rows.length) return null;
  const most = Math.max(...rows.map(({ p95 }) => p95), 1e-6);
  const body = rows.map(({ name, p50, p95, n }) =>
    el(
      "tr",
      {},
      el("th", { scope: "row" }, plain(name)),
      el("td", { class: "drawn" }, spreadTrack(p50, p95, most)),
      el("td", { class: "n strong" }, milliseconds(p50)),
      el("td", { class: "n" }, milliseconds(p95)),
      el("td", { class: "n" }, n.toLocaleString("en")),
    ),
  );
  return section("latency", "Time, by stage", "From nothing to the median, then to the 95th percentile.", table(["stage", "", "median", "95%", "n"], body));
}

function made(run) {
  const rows = Object.entries(run.made).map(([key, value]) =>
    el("div", {}, el("dt", {}, plain(key)), words("dd", typeof value === "object" ? JSON.stringify(value) : String(value))),
  );
  return section("made", "What was measured", null, el("dl", { class: "made" }, rows));
}
