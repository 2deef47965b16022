// A case replayed: one clock for all tiles. Pictures come masked, each with its own wall time; the clock decides which
// one is shown, so that tiles never drift apart.

import { axis } from "./replay_axis.js";
import { around } from "./replay_around.js";
import { board } from "./replay_board.js";
import { map } from "./replay_map.js";
import { Pictures } from "./replay_pictures.js";
import { tile } from "./replay_tile.js";
import { get, keys, post } from "./talk.js";

const root = document.getElementById("replay");
const place = root?.dataset.language === "fr" ? "fr-FR" : "en-GB";
if (root) start();

async function start() {
  const base = root.dataset.base;
  const state = { t: 0, playing: false, speed: 1, in: null, out: null, loop: false, from: 0, to: 0, tips: [], scene: null };
  state.scene = await get(`${base}/scene`);
  const spans = state.scene.cameras.flatMap((c) => c.spans);
  const margin = 5e6;
  state.from = Math.max(state.scene.start_us, Math.min(...spans.map(([a]) => a), state.scene.end_us) - margin);
  state.to = Math.min(state.scene.end_us, Math.max(...spans.map(([, b]) => b), state.from + 60e6) + margin);
  state.t = Number(root.dataset.at) || together(state.scene.cameras) || state.from;
  const pictures = new Pictures(base, state, { post });
  const tiles = [...document.querySelectorAll(".tile")].map((figure) => tile(figure, root, state, pictures));
  const drawAxis = axis(document.getElementById("axis"), state, seek);
  const drawMap = map(document.getElementById("map"), document.getElementById("guessed"), root, state);
  const { take } = board(root, state, { reload, seek, tiles });
  const drawAround = around(document.getElementById("around"), root, state, { seek, take });
  window.scene = { state, pictures, seek }; // for journeys

  let last = performance.now();
  requestAnimationFrame(function tick(now) {
    const passed = Math.min(now - last, 250);
    last = now;
    if (state.playing) advance(passed);
    for (const each of tiles) each.draw();
    pictures.tend(tiles.map((each) => each.camera));
    drawAxis();
    drawMap();
    drawAround();
    say();
    requestAnimationFrame(tick);
  });
  setInterval(() => growing() && reload().catch(() => {}), 5000);

  /** Whether the case reaches into what is still being written: each look at it stands in the ledger. */
  function growing() {
    return state.scene.end_us > Date.now() * 1000 - 90e6;
  }

  function advance(passed) {
    state.t += passed * 1000 * state.speed;
    const end = state.loop && state.out !== null ? state.out : state.scene.end_us;
    if (state.t < end) return;
    if (state.loop && state.in !== null) state.t = state.in;
    else play(false, end);
  }

  function seek(t, dragging = false) {
    state.t = Math.max(state.scene.start_us, Math.min(state.scene.end_us, t));
    if (state.t < state.from || state.t > state.to) center();
    pictures.glance(tiles.map((each) => each.camera), dragging);
  }

  function center() {
    const half = (state.to - state.from) / 2;
    state.from = Math.max(state.scene.start_us, state.t - half);
    state.to = Math.min(state.scene.end_us, state.t + half);
  }

  function play(on, at = state.t) {
    state.playing = on;
    state.t = Math.min(at, state.scene.end_us);
    document.getElementById("play").setAttribute("aria-pressed", String(on));
  }

  function step(by) {
    play(false);
    const chosen = tiles.find((each) => each.figure.classList.contains("chosen")) ?? tiles[0];
    seek(pictures.neighbour(chosen.camera, state.t, by));
  }

  function zoom(by) {
    const half = Math.max(5e6, ((state.to - state.from) / 2) * by);
    state.from = Math.max(state.scene.start_us, state.t - half);
    state.to = Math.min(state.scene.end_us, state.t + half);
  }

  async function reload() {
    const fresh = await get(`${base}/scene`);
    if (fresh.cameras) state.scene = fresh;
    document.dispatchEvent(new Event("scene"));
  }

  function mark(which) {
    state[which] = state.t;
    if (state.in !== null && state.out !== null && state.out < state.in) [state.in, state.out] = [state.out, state.in];
    const said = [state.in, state.out].map((t) => (t === null ? "–" : moment(t)));
    document.getElementById("marks").textContent = said.join(" → ");
    const hand = document.getElementById("hand");
    const query = state.in !== null && state.out !== null ? `?from=${Math.floor(state.in)}&to=${Math.ceil(state.out)}` : "";
    hand.href = `${root.dataset.case}${query}#bundles`;
  }

  function moment(t) {
    const date = new Date(t / 1000);
    const text = date.toLocaleTimeString(place, { timeZone: root.dataset.zone, hour12: false });
    return `${text}.${String(Math.floor((t / 1000) % 1000)).padStart(3, "0")}`;
  }

  function say() {
    const day = new Date(state.t / 1000).toLocaleDateString(place, { timeZone: root.dataset.zone });
    document.getElementById("clock").textContent = `${day} ${moment(state.t)}`;
  }

  const on = (id, act) => document.getElementById(id).addEventListener("click", act);
  on("play", () => play(!state.playing));
  on("back", () => step(-1));
  on("forth", () => step(1));
  on("in", () => mark("in"));
  on("out", () => mark("out"));
  on("wider", () => zoom(2));
  on("closer", () => zoom(0.5));
  document.getElementById("speed").addEventListener("change", (event) => (state.speed = Number(event.target.value)));
  document.getElementById("loop").addEventListener("change", (event) => (state.loop = event.target.checked));
  keys({
    " ": () => play(!state.playing),
    ArrowLeft: (event) => (event.shiftKey ? seek(state.t - 1e6) : step(-1)),
    ArrowRight: (event) => (event.shiftKey ? seek(state.t + 1e6) : step(1)),
    i: () => mark("in"),
    o: () => mark("out"),
    "+": () => zoom(0.5),
    "-": () => zoom(2),
  });
  window.addEventListener("pagehide", () => pictures.leave());
  seek(state.t);
}

/** The first moment at which most cameras were recorded. */
function together(cameras) {
  const starts = cameras.flatMap((c) => c.spans.map(([a]) => a)).sort((a, b) => a - b);
  const seen = (t) => cameras.filter((c) => c.spans.some(([a, b]) => a <= t && t < b)).length;
  return starts.reduce((best, t) => (seen(t) > seen(best) ? t : best), starts[0]);
}
