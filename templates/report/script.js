"use strict";
(() => {
const data = JSON.parse(document.getElementById("data").textContent);
const SVG = "http://www.w3.org/2000/svg";
const DAY = 86400;
document.documentElement.classList.add("live");

// Lines name columns by their places; a column says repeated numbers once.
const columns = data.columns.map(column => column.flatMap(one => Array.isArray(one) ? Array(one[1]).fill(one[0]) : [one]));
data.mixes.flatMap(mix => [mix.line, ...(mix.incidents || [])]).filter(line => line).forEach(line => {
  ["offered", "late", "p50", "p95", "p99", "reserved", "spot", "on_demand"].forEach(name => { line[name] = columns[line[name]]; });
  line.markets = (line.markets || []).map(market => ({ ...market, times: columns[market.times], prices: columns[market.prices] }));
});

// Numbers in words, as the page says them.
const trimmed = (value, figures) => String(Number(value.toPrecision(figures)));
const money = value => value == null ? "–" : new Intl.NumberFormat("en-US", {
  style: "currency", currency: data.currency, minimumFractionDigits: 0,
  maximumFractionDigits: Math.abs(value) < 10 ? 4 : 2 }).format(value);
const seconds = value => value == null ? "–" : value < 1 ? trimmed(value * 1000, 3) + " ms" : trimmed(value, 3) + " s";
const share = value => value == null || !isFinite(value) ? "–" : trimmed(value * 100, 3) + " %";
const count = value => value == null ? "–" : Number(trimmed(value, 4)).toLocaleString("en-US");
const at = (time, options) => new Intl.DateTimeFormat("en-GB", { timeZone: data.zone, hourCycle: "h23", ...options })
  .format(new Date(data.start + time * 1000)).replace(",", "");
const minute = time => at(time, { weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
const day = time => at(time, { weekday: "short", day: "numeric", month: "short" });
const interval = ([mean, low, high], say) => low == null || low === high ? say(mean) : `${say(mean)} (${say(low)} to ${say(high)})`;

// What a chart says at a place: a heading and rows of a name and a value.
const before = (times, time) => {
  let low = 0, high = times.length;
  while (low < high) { const middle = (low + high) >> 1; times[middle] <= time ? low = middle + 1 : high = middle; }
  return low - 1;
};
const readers = {
  days(line, time) {
    const found = line.days[before(line.days.map(one => one[0]), time)];
    if (!found) return null;
    const [from, reserved, spot, demand] = found;
    return [day(from + DAY / 2), [["On-demand", money(demand)], ["Spot", money(spot)], ["Reserved", money(reserved)],
      ["Total", money(reserved + spot + demand)]]];
  },
  capacity(line, time, index) {
    return [minute(line.from + index * line.interval), [["Demand", count(line.offered[index] / line.interval) + "/s"],
      ["On-demand", count(line.on_demand[index])], ["Spot", count(line.spot[index])], ["Reserved", count(line.reserved[index])]]];
  },
  latency(line, time, index) {
    return [minute(line.from + index * line.interval), [["p99", seconds(line.p99[index])], ["p95", seconds(line.p95[index])],
      ["p50", seconds(line.p50[index])], ["Late", share(line.late[index] / line.offered[index])], ["Objective", seconds(data.objective)]]];
  },
  price(line, time, index, svg) {
    const market = line.markets.find(one => one.name === svg.dataset.market);
    if (!market) return null;
    const exact = market.times.length > 0, price = market.prices[exact ? before(market.times, time) : index];
    const name = exact ? "Spot price" : "Spot price, peak";
    return [minute(exact ? time : line.from + index * line.interval), [[name, money(price) + "/h"], ["Maximum", money(market.max) + "/h"]]];
  },
};
readers.incident = (line, time, index) => {
  const [title, rows] = readers.latency(line, time, index);
  return [title, [...rows.slice(0, -1), ...readers.capacity(line, time, index)[1]]];
};
const mixWords = mix => [mix.name, [["A month", interval(mix.cost, money)], ["Late", interval(mix.late, share)],
  ["p95", seconds(mix.p95)], ["Objective", mix.verdict]]];

const tip = document.body.appendChild(document.createElement("div"));
tip.className = "tip";
tip.hidden = true;
tip.setAttribute("role", "status");
const make = (name, text, parent) => { const made = parent.appendChild(document.createElement(name)); made.textContent = text; return made; };
const show = (words, x, y) => {
  tip.replaceChildren();
  make("b", words[0], tip);
  const list = make("dl", "", tip);
  words[1].forEach(([name, value]) => { make("dt", name, list); make("dd", value, list); });
  tip.hidden = false;
  const box = tip.getBoundingClientRect(), gap = 14;
  tip.style.left = Math.max(4, x + gap + box.width > innerWidth ? x - gap - box.width : x + gap) + "px";
  tip.style.top = Math.max(4, Math.min(y + gap, innerHeight - box.height - 4)) + "px";
};
const hide = () => { tip.hidden = true; document.querySelectorAll(".cursor,.chosen-span").forEach(mark => mark.remove()); };

// A chart: its plot area in its own units, and what the area counts from left to right.
const numbers = text => text.split(" ").map(Number);
const charts = [...document.querySelectorAll("svg[data-kind]")].map(svg => {
  const figure = svg.closest("figure"), mix = data.mixes[figure.dataset.mix];
  const incident = figure.dataset.incident;
  const chart = { svg, figure, kind: svg.dataset.kind, line: mix && (incident === undefined ? mix.line : mix.incidents[incident]) };
  if (chart.kind === "frontier") chart.points = svg.dataset.points.split(" ").map(pair => pair.split(",").map(Number));
  else { chart.plot = numbers(svg.dataset.plot); chart.ends = chart.view = numbers(svg.dataset.x); }
  return chart;
});
const place = (chart, event) => {
  const box = chart.svg.getBoundingClientRect(), view = chart.svg.viewBox.baseVal;
  return [(event.clientX - box.left) / box.width * view.width, (event.clientY - box.top) / box.height * view.height];
};
const toTime = (chart, x) => chart.view[0] + (x - chart.plot[0]) / chart.plot[2] * (chart.view[1] - chart.view[0]);
const toX = (chart, time) => chart.plot[0] + (time - chart.view[0]) / (chart.view[1] - chart.view[0]) * chart.plot[2];
const element = (name, attributes, parent) => {
  const made = parent.appendChild(document.createElementNS(SVG, name));
  Object.entries(attributes).forEach(([key, value]) => made.setAttribute(key, value));
  return made;
};
const onScreen = (chart, x, y) => {
  const box = chart.svg.getBoundingClientRect(), view = chart.svg.viewBox.baseVal;
  return [box.left + x / view.width * box.width, box.top + y / view.height * box.height];
};

const readTime = (chart, time, where) => {
  hide();
  const [left, top, width, height] = chart.plot;
  const x = toX(chart, time);
  if (!chart.line || x < left || x > left + width) return;
  const index = Math.min(chart.line.offered.length - 1, Math.max(0, Math.floor((time - chart.line.from) / chart.line.interval)));
  const words = readers[chart.kind](chart.line, time, index, chart.svg);
  if (!words) return;
  chart.at = time;
  element("line", { class: "cursor", x1: x, x2: x, y1: top, y2: top + height }, chart.svg);
  const [screenX, screenY] = where || onScreen(chart, x, top);
  show(words, screenX, screenY);
};
const nearest = (chart, [x, y]) => {
  const away = chart.points.map(point => Math.hypot(point[0] - x, point[1] - y));
  const best = away.indexOf(Math.min(...away));
  return away[best] < 120 ? best : -1;
};
const readPoint = (chart, index, where) => {
  hide();
  if (index < 0) return;
  chart.at = index;
  element("circle", { class: "chosen-span", cx: chart.points[index][0], cy: chart.points[index][1], r: 44 }, chart.svg);
  const [x, y] = where || onScreen(chart, ...chart.points[index]);
  show(mixWords(data.mixes[index]), x, y);
};
const open = index => { const { anchor } = data.mixes[index]; if (anchor) location.hash = anchor; };

// Enlarging a stretch of time, in all charts of a mix together.
const STEPS = [60, 300, 900, 1800, 3600, 10800, 21600, 43200, DAY, 2 * DAY, 7 * DAY, 14 * DAY, 28 * DAY];
const localOffset = time => {
  const parts = Object.fromEntries(new Intl.DateTimeFormat("en-US", { timeZone: data.zone, hourCycle: "h23", year: "numeric",
    month: "numeric", day: "numeric", hour: "numeric", minute: "numeric", second: "numeric" })
    .formatToParts(new Date(data.start + time * 1000)).map(part => [part.type, Number(part.value)]));
  const local = Date.UTC(parts.year, parts.month - 1, parts.day, parts.hour, parts.minute, parts.second) / 1000;
  return local - Math.floor(data.start / 1000 + time);
};
const foot = chart => {
  const old = chart.svg.querySelector("g.foot"), whole = chart.view === chart.ends;
  chart.svg.querySelector("g.foot-now")?.remove();
  if (!old) return;
  old.style.display = whole ? "" : "none";
  if (whole) return;
  const group = element("g", { class: "foot-now" }, chart.svg), sample = old.querySelector("text");
  const [left, top, width, height] = chart.plot, [from, to] = chart.view;
  const step = STEPS.find(step => (to - from) / step * 360 < width) || 28 * DAY;
  const shift = data.start / 1000 + localOffset(from);
  element("line", { x1: left, x2: left + width, y1: top + height, y2: top + height, class: "mark-now" }, group);
  for (let time = Math.ceil((from + shift) / step) * step - shift; time <= to; time += step) {
    const midnight = (time + shift) % DAY < 1;
    const text = sample.cloneNode(false), x = toX(chart, time);
    text.setAttribute("x", Math.min(Math.max(x, left + 60), left + width - 60));
    text.setAttribute("text-anchor", "middle");
    text.textContent = midnight ? day(time) : at(time, { hour: "2-digit", minute: "2-digit" });
    group.appendChild(text);
    element("line", { x1: x, x2: x, y1: top + height, y2: top + height + 16, class: "mark-now" }, group);
  }
};
const zoom = (chosen, from, to) => {
  hide();
  const [start, end] = chosen.ends, least = Math.max(60, chosen.line.interval) * 2;
  if (to - from < least) { const middle = (from + to) / 2; from = middle - least / 2; to = middle + least / 2; }
  from = Math.max(start, from); to = Math.min(end, to);
  const whole = to - from > (end - start) * 0.999;
  charts.filter(chart => chart.line === chosen.line && chart.kind !== "days").forEach(chart => {
    chart.view = whole ? chart.ends : [from, to];
    chart.svg.classList.toggle("zoomed", !whole);
    const [left, , width] = chart.plot, scale = width / (chart.ends[1] - chart.ends[0]);
    chart.svg.querySelectorAll("svg.window").forEach(pane => {
      const y = pane.getAttribute("y"), height = pane.getAttribute("height");
      pane.setAttribute("viewBox", `${left + (chart.view[0] - chart.ends[0]) * scale} ${y} ${(chart.view[1] - chart.view[0]) * scale} ${height}`);
    });
    foot(chart);
    chart.figure.querySelector(".reset").hidden = whole;
  });
};

charts.forEach(chart => {
  const { svg, figure } = chart, timed = chart.kind !== "frontier", zoomable = timed && chart.kind !== "days";
  if (timed && !chart.line) return;
  let pressed = null;
  svg.addEventListener("pointermove", event => {
    const [x, y] = place(chart, event), where = [event.clientX, event.clientY];
    if (!timed) return readPoint(chart, nearest(chart, [x, y]), where);
    readTime(chart, toTime(chart, x), where);
    if (pressed !== null && Math.abs(x - pressed) > 16)
      element("rect", { class: "chosen-span", x: Math.min(x, pressed), width: Math.abs(x - pressed), y: chart.plot[1], height: chart.plot[3] }, svg);
  });
  svg.addEventListener("pointerleave", () => { pressed = null; hide(); });
  svg.addEventListener("pointerdown", event => { if (zoomable) pressed = place(chart, event)[0]; });
  svg.addEventListener("pointerup", event => {
    const x = place(chart, event)[0], from = pressed;
    pressed = null;
    if (from !== null && Math.abs(x - from) > 32) zoom(chart, toTime(chart, Math.min(x, from)), toTime(chart, Math.max(x, from)));
  });
  svg.addEventListener("click", event => {
    const index = timed ? -1 : nearest(chart, place(chart, event));
    if (index >= 0) open(index);
  });
  if (figure.tabIndex >= 0) return;
  figure.tabIndex = 0;
  figure.setAttribute("aria-label", figure.querySelector("h2,h3,h4").textContent + (timed ? ". Arrow keys read values." : ". Arrow keys read mixes, Enter opens one."));
  if (zoomable) {
    const reset = make("button", "Show the whole time", figure.querySelector("figcaption"));
    reset.type = "button"; reset.className = "reset"; reset.hidden = true;
    reset.addEventListener("click", () => zoom(chart, ...chart.ends));
  }
  figure.addEventListener("blur", hide);
  figure.addEventListener("keydown", event => {
    if (event.target !== figure) return;
    const seen = charts.find(one => one.figure === figure && one.svg.getClientRects().length) || chart;
    const move = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!timed) {
      const order = data.mixes.map((_, index) => index).sort((a, b) => data.mixes[a].cost[0] - data.mixes[b].cost[0]);
      if (move) readPoint(seen, order[Math.min(order.length - 1, Math.max(0, order.indexOf(seen.at ?? -1) + move))]);
      else if (event.key === "Enter" && seen.at !== undefined) open(seen.at);
      else return;
    } else if (move || event.key === "Home" || event.key === "End") {
      const [from, to] = seen.view, step = chart.kind === "days" ? DAY : seen.line.interval;
      const start = seen.at === undefined || event.key === "Home";
      const next = start ? from + step / 2 : event.key === "End" ? to : seen.at + move * step * (event.shiftKey ? 10 : 1);
      readTime(seen, Math.min(to - step / 2, Math.max(from + step / 2, next)));
    } else if (zoomable && (event.key === "+" || event.key === "-")) {
      const middle = seen.at ?? (seen.view[0] + seen.view[1]) / 2, half = (seen.view[1] - seen.view[0]) * (event.key === "+" ? 0.25 : 1);
      zoom(seen, middle - half, middle + half);
      readTime(seen, middle);
    } else if (zoomable && event.key === "Escape") zoom(seen, ...seen.ends);
    else return;
    event.preventDefault();
  });
});

// A mix that is asked for is opened and shown.
const reveal = () => {
  const target = location.hash && document.getElementById(location.hash.slice(1));
  if (!target) return;
  if (target.tagName === "DETAILS") target.open = true;
  target.scrollIntoView();
  (target.querySelector("summary") || target).focus({ preventScroll: true });
};
addEventListener("hashchange", reveal);
reveal();

// Tables that sort.
document.querySelectorAll("table.sortable").forEach(table => {
  const body = table.tBodies[0];
  [...table.tHead.rows[0].cells].forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    head.replaceChildren(button);
    button.addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") === "ascending";
      [...table.tHead.rows[0].cells].forEach(cell => cell.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const key = row => { const cell = row.cells[column]; return cell.dataset.v === undefined ? cell.textContent : Number(cell.dataset.v); };
      const compare = (a, b) => typeof a === "number" ? a - b : a.localeCompare(b);
      [...body.rows].sort((a, b) => (down ? -1 : 1) * compare(key(a), key(b))).forEach(row => body.appendChild(row));
    });
  });
});
})();
