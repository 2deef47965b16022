// The cameras and what they see on the site's own map, in metres, north up; pins and the ways between them.

const NS = "http://www.w3.org/2000/svg";

export function map(svg, note, root, state) {
  let shown;
  return function draw() {
    const plan = state.scene.map;
    const key = [Math.floor(state.t / 1e6), state.tipsAt, state.scene.pins.length].join();
    if (!plan || (key === shown && draw.scene === state.scene)) return;
    shown = key;
    draw.scene = state.scene;
    svg.removeAttribute("hidden");
    const heard = Object.values(plan.sounds).flatMap(({ place: [x, y], major_m }) => [[x - major_m, y - major_m], [x + major_m, y + major_m]]);
    const corners = [...Object.values(plan.views).flat(), ...heard];
    const xs = corners.map(([x]) => x);
    const ys = corners.map(([, y]) => -y);
    const [left, top] = [Math.min(...xs), Math.min(...ys)];
    const [wide, high] = [Math.max(...xs) - left, Math.max(...ys) - top];
    const edge = 0.08 * Math.max(wide, high);
    const scale = Math.max(wide, high) / 400;
    svg.setAttribute("viewBox", [left - edge, top - edge, wide + 2 * edge, high + 2 * edge].join(" "));
    const parts = [];
    const put = (name, given, text) => {
      const made = document.createElementNS(NS, name);
      for (const [k, v] of Object.entries({ "stroke-width": 1.4 * scale, ...given })) made.setAttribute(k, v);
      if (text) made.textContent = text;
      parts.push(made);
    };
    const points = (line) => line.map(([x, y]) => `${x},${-y}`).join(" ");
    for (const area of plan.areas) put("polygon", { points: points(area), class: "area" });
    for (const line of plan.lines) put("polyline", { points: points(line), class: "street" });
    for (const camera of state.scene.cameras) {
      const view = plan.views[camera.id];
      if (!view) continue;
      const now = camera.spans.some(([a, b]) => a <= state.t && state.t < b) ? " now" : "";
      const tip = state.tips.find((each) => each.camera === camera.id)?.window;
      const asked = tip && tip[0] <= state.t && state.t <= tip[1] ? " tip" : "";
      put("polygon", { points: points(view), class: `view${now}${asked}` });
      const [x, y] = plan.places[camera.id];
      put("circle", { cx: x, cy: -y, r: 4 * scale, class: "camera" });
      put("text", { x: x + 6 * scale, y: -y, "font-size": 12 * scale, "stroke-width": 0 }, camera.name);
    }
    ways(plan, state, put, scale);
    for (const sound of state.scene.sounds) {
      const spot = plan.sounds[sound.id];
      if (!spot) continue;
      const now = sound.start_us <= state.t + 2e6 && state.t - 10e6 <= sound.end_us ? " now" : "";
      const { place: [x, y], major_m, minor_m, bearing_deg } = spot;
      put("ellipse", { cx: x, cy: -y, rx: Math.max(major_m, 2 * scale), ry: Math.max(minor_m, 2 * scale), transform: `rotate(${bearing_deg - 90} ${x} ${-y})`, class: `sound${now}` });
    }
    svg.replaceChildren(...parts);
    const guessed = state.scene.cameras.filter((c) => plan.guessed.includes(c.id)).map((c) => c.name);
    note.textContent = guessed.length ? `${guessed.join(", ")}: ${root.dataset.guess}` : "";
  };
}

/** Pins that a person put on one thread, joined in the order of their moments. */
function ways(plan, state, put, scale) {
  const threads = Map.groupBy(state.scene.pins.filter((p) => plan.pins[p.id]), (p) => p.thread);
  for (const [thread, pins] of threads) {
    const places = pins.map((p) => plan.pins[p.id]);
    if (thread) put("polyline", { points: places.map(({ place: [x, y] }) => `${x},${-y}`).join(" "), class: "way" });
    for (const { place: [x, y], doubt_m } of places) {
      put("circle", { cx: x, cy: -y, r: Math.max(3 * scale, Math.min(doubt_m, 60 * scale)), class: "pin" });
    }
  }
}
