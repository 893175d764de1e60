/* Reads the run out of the page and puts the parts together. */

const run = JSON.parse(document.getElementById("data").textContent);

for (const [index, each] of run.cases.entries()) {
  each.index = index;
  each.outcome = !each.right ? "wrong" : each.why_not ? "flawed" : "right";
  each.text = JSON.stringify(each).normalize("NFKC").toLowerCase();
}

const LINKS = {
  changes: "Changes", headline: "Headline", blame: "Blame", parts: "Parts", risk: "Risk", latency: "Time", metrics: "Metrics", questions: "Questions",
};
const sections = [changes, headline, blame, parts, riskCoverage, stages, allMetrics, questions, made].map((build) => build(run)).filter(Boolean);
const links = sections.filter(({ id }) => LINKS[id]).map(({ id }) => el("li", {}, el("a", { href: `#${id}` }, LINKS[id])));
document.getElementById("report").replaceChildren(opening(run), el("nav", { "aria-label": "Sections" }, el("ul", {}, links)), ...sections);

// light or dark: the system's choice until a person makes another

const root = document.documentElement;
const themeButton = document.getElementById("theme");
const systemDark = matchMedia("(prefers-color-scheme: dark)");
const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : systemDark.matches);
const label = () => (themeButton.textContent = isDark() ? "Light" : "Dark");

themeButton.addEventListener("click", () => {
  root.dataset.theme = isDark() ? "light" : "dark";
  label();
});
systemDark.addEventListener("change", label);
label();
