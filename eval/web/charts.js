/* Drawings: tracks inside table rows, whose figures stand beside them, and one curve. */

const WIDE = 240;
const HIGH = 18;

function track(label, ...marks) {
  const box = { class: "track", viewBox: `0 0 ${WIDE} ${HIGH}`, preserveAspectRatio: "none" };
  const hidden = label ? { role: "img", "aria-label": label } : { "aria-hidden": "true", focusable: "false" };
  const ticks = [0, 0.25, 0.5, 0.75, 1].map((at) =>
    draw("line", { class: at % 1 ? "tick" : "tick edge", x1: x(at), x2: x(at), y1: 0, y2: HIGH }),
  );
  return draw("svg", { ...box, ...hidden }, ticks, marks);
}

function x(share) {
  return (1 + Math.max(0, Math.min(1, share)) * (WIDE - 2)).toFixed(2);
}

/** A value with its interval: a band from `low` to `high`, a bar across it at the value. */
function intervalTrack({ value, low, high }, mark = null) {
  const middle = HIGH / 2;
  return track(
    null,
    draw("rect", { class: "fill", x: 1, y: middle - 2, width: Math.max(0, x(value) - 1), height: 4 }),
    draw("rect", { class: "band", x: x(low), y: middle - 5, width: Math.max(1.5, x(high) - x(low)), height: 10 }),
    draw("rect", { class: "dot", x: x(value) - 1.5, y: middle - 7, width: 3, height: 14 }),
    mark === null ? null : draw("line", { class: "earlier", x1: x(mark), x2: x(mark), y1: 1, y2: HIGH - 1 }),
  );
}

/** Where a value was and where it is. */
function moveTrack(before, after, verdict) {
  const middle = HIGH / 2;
  return track(
    null,
    draw("line", { class: `move ${verdict}`, x1: x(before), x2: x(after), y1: middle, y2: middle }),
    draw("line", { class: "earlier", x1: x(before), x2: x(before), y1: middle - 7, y2: middle + 7 }),
    draw("rect", { class: `dot ${verdict}`, x: x(after) - 1.5, y: middle - 7, width: 3, height: 14 }),
  );
}

/** A part of a whole. */
function shareTrack(share, name) {
  return track(null, draw("rect", { class: name, x: 1, y: 4, width: Math.max(1, x(share) - 1), height: HIGH - 8 }));
}

/** From the median to the 95th percentile of `most`. */
function spreadTrack(p50, p95, most) {
  const middle = HIGH / 2;
  const [from, to] = [p50 / most, p95 / most];
  return track(
    null,
    draw("rect", { class: "fill", x: 1, y: middle - 2, width: Math.max(0, x(from) - 1), height: 4 }),
    draw("rect", { class: "band", x: x(from), y: middle - 5, width: Math.max(1.5, x(to) - x(from)), height: 10 }),
    draw("rect", { class: "dot", x: x(from) - 1.5, y: middle - 7, width: 3, height: 14 }),
  );
}

const PLOT = { width: 560, height: 300, left: 56, right: 16, top: 16, bottom: 46 };

/**
 * A curve over shares on both axes.
 *
 * @param {[number, number][]} points  ordered by the first
 * @param {{label: string, across: string, up: string, marks: {at: [number, number], text: string}[]}} texts
 */
function curve(points, { label, across, up, marks }) {
  const { width, height, left, right, top, bottom } = PLOT;
  const most = niceCeiling(Math.max(...points.map(([, y]) => y), ...marks.map(({ at }) => at[1]), 0.02));
  const px = (share) => left + share * (width - left - right);
  const py = (share) => height - bottom - (share / most) * (height - top - bottom);
  const grid = [0, 0.25, 0.5, 0.75, 1].flatMap((at) => [
    draw("line", { class: "tick", x1: px(at), x2: px(at), y1: top, y2: height - bottom }),
    draw("line", { class: "tick", x1: left, x2: width - right, y1: py(at * most), y2: py(at * most) }),
    draw("text", { x: px(at), y: height - bottom + 18, "text-anchor": "middle" }, `${100 * at}%`),
    draw("text", { x: left - 8, y: py(at * most) + 4, "text-anchor": "end" }, `${round(100 * at * most)}%`),
  ]);
  const path = points.map(([a, b], index) => `${index ? "L" : "M"}${px(a).toFixed(1)} ${py(b).toFixed(1)}`).join("");
  const [first, last] = [points[0], points.at(-1)];
  const floor = height - bottom;
  return draw(
    "svg",
    { class: "plot", viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": label },
    grid,
    draw("path", { class: "under", d: `${path}L${px(last[0])} ${floor}L${px(first[0])} ${floor}Z` }),
    draw("path", { class: "line", d: path }),
    marks.map(({ at: [a, b], text }) => [
      draw("circle", { class: "point", cx: px(a), cy: py(b), r: 4.5 }),
      draw("text", { class: "named", x: px(a) - 9, y: Math.max(py(b) - 9, top + 10), "text-anchor": "end" }, text),
    ]),
    draw("text", { class: "axis", x: (left + width - right) / 2, y: height - 6, "text-anchor": "middle" }, across),
    draw("text", { class: "axis", x: -(top + floor) / 2, y: 13, transform: "rotate(-90)", "text-anchor": "middle" }, up),
  );
}

function niceCeiling(value) {
  return [0.02, 0.04, 0.1, 0.2, 0.4, 0.6, 0.8, 1].find((each) => each >= value) ?? 1;
}

function round(value) {
  return Number(value.toFixed(1));
}
