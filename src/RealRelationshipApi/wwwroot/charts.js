// Charts of the page of a clinic, drawn for the width of their place. Colours come from the style sheet; each mark has a text beside it.

const minus = "−";

export function el(name, attributes = {}, ...children) {
  return fill(document.createElement(name), attributes, children);
}

function svg(name, attributes = {}, ...children) {
  return fill(document.createElementNS("http://www.w3.org/2000/svg", name), attributes, children);
}

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    node.setAttribute(name, value);
  }
  node.append(...children.filter(child => child !== null));
  return node;
}

export const number = (value, digits) => value.toFixed(digits).replace("-", minus);

/** A correlation in APA style: no zero before the point. */
export const correlation = r => r === null ? "–" : number(r, 2).replace("0.", ".");

/** A figure that is drawn anew when its width changes. */
export function figure(label, caption, draw) {
  const place = el("div", { class: "chart" });
  let width = 0;
  new ResizeObserver(() => {
    const now = Math.floor(place.clientWidth);
    if (now > 0 && now !== width) {
      width = now;
      const drawing = draw(Math.max(width, 260));
      drawing.setAttribute("role", "img");
      drawing.setAttribute("aria-label", label);
      place.replaceChildren(drawing);
    }
  }).observe(place);
  return el("figure", {}, caption ? el("figcaption", {}, caption) : null, place);
}

const canvas = (width, height, ...marks) => svg("svg", { viewBox: `0 0 ${width} ${height}`, width, height }, ...marks);
const text = (x, y, content, className = "", anchor = "middle") => svg("text", { x, y, class: className, "text-anchor": anchor }, content);
const line = (x1, y1, x2, y2, className) => svg("line", { x1, y1, x2, y2, class: className });
const scale = (from, to, start, end) => value => start + (value - from) / (to - from) * (end - start);

/** Round values that cover a range. */
function ticks(from, to, count) {
  const rough = (to - from) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map(m => m * power).find(s => s >= rough * 0.999);
  const first = Math.ceil(from / step - 1e-9);
  const last = Math.floor(to / step + 1e-9);
  const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9) + (Math.abs(step / power - 2.5) < 1e-9 ? 1 : 0));
  return Array.from({ length: last - first + 1 }, (_, i) => ({ value: (first + i) * step, label: number((first + i) * step, digits) }));
}

function domain(values, padding = 0.08) {
  const [from, to] = [Math.min(...values), Math.max(...values)];
  const room = (to - from || Math.abs(to) || 1) * padding;
  return [from - room, to + room];
}

function horizontalAxis(x, [from, to], y, height, width, labelOf = label => label) {
  return ticks(from, to, width < 420 ? 4 : 8)
    .flatMap(t => [line(x(t.value), y - height, x(t.value), y, "grid"), text(x(t.value), y + 16, labelOf(t.label), "tick")]);
}

const withoutZero = label => label.replace("0.", ".").replace(/^−?\.0$/, "0");

/** A correlation with its interval, on the prediction interval of other clinics where there is one. */
export function strip(width, found, [from, to]) {
  const x = scale(from, to, 34, width - 16);
  const [top, middle, bottom] = [22, 40, 58];
  const marks = [];
  if (found.standingPredictionLower !== null) {
    const [lower, upper] = [x(found.standingPredictionLower), x(found.standingPredictionUpper)];
    marks.push(svg("rect", { x: lower, y: top, width: upper - lower, height: bottom - top, class: "expected" }));
    marks.push(line(lower, bottom + 23, upper, bottom + 23, "bracket"), line(lower, bottom + 19, lower, bottom + 23, "bracket"),
      line(upper, bottom + 19, upper, bottom + 23, "bracket"));
    marks.push(text(Math.min(Math.max((lower + upper) / 2, 80), width - 80), bottom + 37, "expected of other clinics", "expectedText"));
  }
  marks.push(...horizontalAxis(x, [from, to], bottom, bottom - top, width, withoutZero), line(x(0), top, x(0), bottom, "zero"),
    text(2, bottom + 16, "r", "axis", "start"));
  if (found.lower !== null) {
    marks.push(line(x(found.lower), middle, x(found.upper), middle, "interval"), line(x(found.lower), middle - 5, x(found.lower), middle + 5, "interval"),
      line(x(found.upper), middle - 5, x(found.upper), middle + 5, "interval"));
  }
  marks.push(svg("circle", { cx: x(found.r), cy: middle, r: 6, class: "point" }));
  marks.push(text(Math.min(Math.max(x(found.r), 50), width - 50), 14, `your clinic ${correlation(found.r)}`, "value"));
  const isOutside = found.standing === "above" || found.standing === "below";
  return canvas(width, found.standingPredictionLower === null ? bottom + 24 : bottom + 42, svg("g", { class: isOutside ? "outside" : "" }, ...marks));
}

/** Therapists from the best to the worst: estimate with interval, and the observed mean. */
export function caterpillar(width, series, units, nameOf, digits) {
  const rows = series.effects;
  const [left, right, height, top] = [width < 420 ? 108 : 130, 16, 30, 30];
  const titles = width < 420 ? units : [units.join("; ")];
  const bottom = top + rows.length * height;
  const [from, to] = domain([series.mean, ...rows.flatMap(r => [r.lower, r.upper, r.observed])]);
  const x = scale(from, to, left, width - right);
  const marks = [...horizontalAxis(x, [from, to], bottom, bottom - top, width - left), line(x(series.mean), top - 4, x(series.mean), bottom, "mean"),
    text(Math.min(Math.max(x(series.mean), left + 60), width - 62), top - 10, `mean ${number(series.mean, digits)}`, "value"),
    ...titles.map((title, i) => text((left + width - right) / 2, bottom + 36 + 17 * i, title, "axis"))];
  rows.forEach((row, i) => {
    const y = top + (i + 0.5) * height;
    const outside = row.lower > series.mean || row.upper < series.mean;
    marks.push(svg("g", { class: outside ? "outside" : "" },
      svg("title", {}, `${row.therapist}: ${number(row.estimate, digits)} [${number(row.lower, digits)}, ${number(row.upper, digits)}]`),
      text(0, y + 4, nameOf(row.therapist), "label", "start"), text(left - 10, y + 4, `n ${row.patients}`, "tick", "end"),
      line(x(row.lower), y, x(row.upper), y, "interval"), line(x(row.lower), y - 4, x(row.lower), y + 4, "interval"),
      line(x(row.upper), y - 4, x(row.upper), y + 4, "interval"), svg("circle", { cx: x(row.observed), cy: y, r: 4, class: "observed" }),
      svg("circle", { cx: x(row.estimate), cy: y, r: 5, class: "point" })));
  });
  return canvas(width, bottom + 27 + 17 * titles.length, ...marks);
}

/** Means by session number, with intervals, around their median. */
export function runChart(width, series, points, unit, minimum, digits) {
  const [left, right, top, bottom] = [46, 20, 16, 196];
  const bounds = points.flatMap(p => p.treatments >= minimum ? [p.lower, p.upper] : [p.mean]);
  const [from, to] = domain([series.median, ...bounds]);
  const [first, last] = [points[0].sessionNumber, points.at(-1).sessionNumber];
  const x = scale(first - 0.5, last + 0.5, left, width - right);
  const y = scale(from, to, bottom, top);
  const marks = ticks(from, to, 4)
    .flatMap(t => [line(left, y(t.value), width - right, y(t.value), "grid"), text(left - 6, y(t.value) + 4, t.label, "tick", "end")]);
  const every = Math.ceil(points.length / Math.floor((width - left - right) / 34));
  for (const p of points.filter((_, i) => i % every === 0)) {
    marks.push(text(x(p.sessionNumber), bottom + 18, p.sessionNumber, "tick"), text(x(p.sessionNumber), bottom + 36, p.treatments, "tick"));
  }
  marks.push(text(left - 6, bottom + 36, "n", "tick", "end"), text((left + width - right) / 2, bottom + 58, unit, "axis"));
  marks.push(line(left, y(series.median), width - right, y(series.median), "mean"));
  const full = points.filter(p => p.treatments >= minimum);
  if (full.length > 1) {
    const edge = (side, list) => list.map(p => `${x(p.sessionNumber)},${y(p[side])}`);
    marks.push(svg("polygon", { points: [...edge("lower", full), ...edge("upper", [...full].reverse())].join(" "), class: "band" }));
    marks.push(svg("polyline", { points: edge("mean", full).join(" "), class: "course" }));
  }
  for (const p of points) {
    marks.push(svg("circle", { cx: x(p.sessionNumber), cy: y(p.mean), r: 4, class: p.treatments >= minimum ? "point" : "observed" },
      svg("title", {}, `session ${p.sessionNumber}: ${number(p.mean, digits)}, n ${p.treatments}`)));
  }
  // At the end where the means are further from the median, and on its other side.
  const atStart = Math.abs(points[0].mean - series.median) > Math.abs(points.at(-1).mean - series.median);
  const side = (atStart ? points[0] : points.at(-1)).mean > series.median ? 14 : -6;
  marks.push(text(atStart ? left + 2 : width - right - 2, y(series.median) + side, `median ${number(series.median, digits)}`, "value halo",
    atStart ? "start" : "end"));
  return canvas(width, bottom + 66, ...marks);
}

/** Columns by day, one row for each reason. */
export function dayColumns(width, days, rows) {
  const [height, gap] = [26, 52];
  const most = Math.max(...rows.flatMap(r => days.map(d => r.byDay.get(d) ?? 0)));
  const step = width / days.length;
  const marks = rows.flatMap((row, i) => {
    const base = 22 + i * gap + height;
    return [text(0, base - height - 6, `${row.name}: ${row.total}`, "label", "start"), line(0, base + 0.5, width, base + 0.5, "zero"),
      ...days.flatMap((day, at) => row.byDay.has(day) ? [svg("rect", { x: at * step + 0.5, width: Math.max(step - 1, 1.5), class: "column",
        y: base - Math.max(2, row.byDay.get(day) / most * height), height: Math.max(2, row.byDay.get(day) / most * height) },
      svg("title", {}, `${day}: ${row.byDay.get(day)}`))] : [])];
  });
  const end = 22 + rows.length * gap;
  marks.push(text(0, end, days[0], "tick", "start"), text(width, end, days.at(-1), "tick", "end"),
    text(width / 2, end, `highest column ${most}`, "tick"));
  return canvas(width, end + 8, ...marks);
}

/** A share from 0 to 1 as a bar. */
export const bar = share => svg("svg", { viewBox: "0 0 100 10", class: "bar", preserveAspectRatio: "none", "aria-hidden": "true" },
  svg("rect", { width: 100, height: 10, class: "track" }), svg("rect", { width: 100 * share, height: 10, class: "column" }));
