// One axis: a row a camera with what is recorded, alerts and pins on it; windows that were proposed; the clock's hand.

import { said } from "./replay_around.js";

const NS = "http://www.w3.org/2000/svg";
const ROW = 22;
const LEFT = 120;
const TICK = 80; // as much room as a time takes

export function axis(svg, state, seek) {
  let shown = "";
  const root = document.getElementById("replay");
  const at = (event) => {
    const { left, width } = svg.getBoundingClientRect();
    const share = Math.max(0, Math.min(1, (event.clientX - left - LEFT) / (width - LEFT - 10)));
    return state.from + share * (state.to - state.from);
  };
  svg.addEventListener("pointerdown", (event) => {
    svg.setPointerCapture(event.pointerId);
    seek(at(event), true);
  });
  svg.addEventListener("pointermove", (event) => event.buttons && seek(at(event), true));
  svg.addEventListener("wheel", (event) => {
    event.preventDefault();
    const middle = at(event);
    const by = event.deltaY > 0 ? 1.25 : 0.8;
    state.from = Math.max(state.scene.start_us, middle - (middle - state.from) * by);
    state.to = Math.min(state.scene.end_us, middle + (state.to - middle) * by);
  }, { passive: false });

  return function draw() {
    const width = svg.clientWidth;
    const key = [width, state.t, state.from, state.to, state.in, state.out, state.tips.length, state.tipsAt, state.scene].join();
    if (key === shown && state.scene === draw.scene) return;
    shown = key;
    draw.scene = state.scene;
    const heard = state.scene.sounds;
    const height = 24 + (state.scene.cameras.length + (heard.length ? 1 : 0)) * ROW;
    svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    svg.setAttribute("height", height);
    const x = (t) => LEFT + ((t - state.from) / Math.max(1, state.to - state.from)) * (width - LEFT - 10);
    const parts = [];
    const put = (name, given, text) => {
      const made = document.createElementNS(NS, name);
      for (const [key_, value] of Object.entries(given)) made.setAttribute(key_, value);
      if (text !== undefined) made.textContent = text;
      parts.push(made);
      return made;
    };
    const box = (a, b, y, h, kind, title) => {
      const [from, to] = [Math.max(a, state.from), Math.min(b, state.to)];
      if (to < from) return;
      const made = put("rect", { x: x(from), y, width: Math.max(2, x(to) - x(from)), height: h, class: kind });
      if (title) made.append(Object.assign(document.createElementNS(NS, "title"), { textContent: title }));
    };
    if (state.in !== null && state.out !== null) box(state.in, state.out, 0, height, "marked");
    ticks(state, x, put, height, (width - LEFT) / TICK);
    state.scene.cameras.forEach((camera, row) => {
      const y = 20 + row * ROW;
      put("text", { x: 6, y: y + 13 }, camera.name.slice(0, 16));
      for (const [a, b] of camera.spans) box(a, b, y + 3, 10, "span");
      for (const seen of state.scene.sightings.filter((each) => each.camera === camera.id))
        box(seen.start_us, seen.end_us, y + 15, 3, "sighting", said(root, seen));
      for (const alert of state.scene.alerts.filter((each) => each.camera === camera.id))
        box(alert.start_us, alert.end_us, y - 1, 4, alert.change ? "change" : "alert", said(root, alert));
      for (const pin of state.scene.pins.filter((each) => each.camera === camera.id))
        box(pin.at_us, pin.at_us, y - 1, 18, "pin", `${pin.thread} ${pin.words}`);
      for (const tip of state.tips.filter((each) => each.camera === camera.id && each.window))
        box(...tip.window, y, 17, "tip", tip.name);
    });
    if (heard.length) {
      const y = 20 + state.scene.cameras.length * ROW;
      put("text", { x: 6, y: y + 13 }, root.dataset.sounds);
      for (const sound of heard) box(sound.start_us, sound.end_us, y + 2, 14, "sound", `${said(root, sound)} · ${sound.microphone}${within(state, sound)}`);
    }
    put("line", { x1: x(state.t), x2: x(state.t), y1: 0, y2: height, class: "cursor" });
    svg.replaceChildren(...parts);
    svg.setAttribute("aria-valuenow", Math.round((1000 * (state.t - state.from)) / Math.max(1, state.to - state.from)));
    svg.setAttribute("aria-valuetext", document.getElementById("clock").textContent);
  };
}

/** How well the place of a sound is known. */
function within(state, sound) {
  const spot = state.scene.map?.sounds[sound.id];
  return spot ? ` · ${Math.round(spot.major_m)} × ${Math.round(spot.minor_m)} m` : "";
}

function ticks(state, x, put, height, most) {
  const zone = document.getElementById("replay").dataset;
  const steps = [1, 5, 15, 60, 300, 900, 3600, 10800, 43200].map((s) => s * 1e6);
  const step = steps.find((s) => (state.to - state.from) / s < Math.max(2, Math.min(10, most))) ?? 86400e6;
  for (let t = Math.ceil(state.from / step) * step; t <= state.to; t += step) {
    put("line", { x1: x(t), x2: x(t), y1: 14, y2: height, class: "rule" });
    const text = new Date(t / 1000).toLocaleTimeString(zone.language === "fr" ? "fr-FR" : "en-GB", { timeZone: zone.zone, hour12: false });
    put("text", { x: x(t), y: 11, "text-anchor": "middle" }, step < 60e6 ? text : text.slice(0, 5));
  }
}
