// Pins, clocks, and where to look next: what people put on the board of the case.

import { said } from "./replay_around.js";
import { choose } from "./replay_tile.js";
import { get } from "./talk.js";

const MOST_SEEN = 6;
const csrf = document.querySelector('meta[name="csrf"]')?.content ?? "";

export function board(root, state, { reload, seek, tiles }) {
  const base = root.dataset.base;
  const trouble = document.getElementById("trouble");
  const marks = [];

  async function send(path, body) {
    const headers = { "X-CSRF-Token": csrf, "Content-Type": "application/json" };
    const answer = await get(`${base}/${path}`, { method: "POST", headers, body: JSON.stringify(body ?? {}) });
    const wrong = answer.error ?? (answer.detail ? { what: JSON.stringify(answer.detail) } : null);
    trouble.hidden = !wrong;
    trouble.textContent = wrong ? (wrong.kind === "conflict" ? root.dataset.changed : [wrong.what, wrong.remedy].filter(Boolean).join(" · ")) : "";
    await reload();
    return wrong ? null : answer;
  }

  const chosen = () => tiles.find((each) => each.figure.classList.contains("chosen")) ?? tiles[0];

  document.getElementById("pin").addEventListener("submit", async (event) => {
    event.preventDefault();
    const { thread, words } = event.target.elements;
    const tile = chosen();
    const at = Math.round(tile.shown_us ?? state.t);
    const body = { camera: tile.camera, at_us: at, thread: thread.value, words: words.value, x: tile.spot?.x ?? null, y: tile.spot?.y ?? null };
    const made = await send("pins", body);
    if (!made) return;
    words.value = "";
    tile.spot = null;
    tile.dirty = true;
    if (thread.value) await next(made.id);
  });

  document.getElementById("travel").addEventListener("change", () => state.tipsOf && next(state.tipsOf));

  async function next(id) {
    const travel = document.getElementById("travel").value;
    const said = await get(`${base}/pins/${id}/next?travel=${travel}`);
    const list = document.getElementById("tips");
    if (said.error) {
      list.replaceChildren(Object.assign(document.createElement("li"), { textContent: [said.error.what, said.error.remedy].join(" · ") }));
      return;
    }
    state.tipsOf = id;
    state.tips = said.cameras;
    state.tipsAt = performance.now();
    const why = { in_view: root.dataset.view, ahead: root.dataset.ahead, turned: root.dataset.turned };
    list.replaceChildren(...said.cameras.map((tip) => {
      const item = document.createElement("li");
      if (!tip.window) {
        item.className = "none";
        item.textContent = `${tip.name}: ${root.dataset.none}`;
        return item;
      }
      const [from, to] = tip.window.map(clock);
      item.append(button(`${tip.name} ${from} – ${to}`, () => seek(tip.window[0])), ` ${why[tip.why]} · ${tip.distance_m ?? "?"} m`);
      const seen = state.scene.sightings.filter((s) => tip.sightings.includes(s.id)).slice(0, MOST_SEEN);
      if (seen.length) item.append(suggestions(seen));
      return item;
    }));
  }

  /** What was sighted there meanwhile, for a person to look at and to judge. */
  function suggestions(seen) {
    const made = document.createElement("ul");
    made.append(...seen.map((sighting) => {
      const item = document.createElement("li");
      const what = said(root, sighting);
      item.append(button(`${clock(sighting.start_us)} ${what}`, () => seek(sighting.start_us)), " ", button(root.dataset.take, () => take(sighting, what)));
      return item;
    }));
    return made;
  }

  /** Fills the form: a person says what it is, and pins it. */
  function take(happening, what) {
    const tile = tiles.find((each) => each.camera === happening.camera);
    if (!tile) return;
    seek(happening.start_us);
    choose(tile.figure);
    tile.spot = happening.foot ? { x: happening.foot[0], y: happening.foot[1] } : null;
    tile.taken = happening.start_us;
    tile.dirty = true;
    const { thread, words } = document.getElementById("pin").elements;
    if (!thread.value && state.tipsOf) thread.value = state.scene.pins.find((pin) => pin.id === state.tipsOf)?.thread ?? "";
    words.value = what;
    words.focus();
  }

  document.getElementById("set-clock").addEventListener("submit", (event) => {
    event.preventDefault();
    const { camera, offset, doubt, words } = event.target.elements;
    const facts = state.scene.cameras.find((c) => c.id === camera.value);
    send("clocks", { camera: camera.value, offset_s: Number(offset.value), uncertainty_s: Number(doubt.value), words: words.value, version: facts.clock_version });
  });

  document.getElementById("mark-event").addEventListener("click", () => {
    const tile = chosen();
    const facts = state.scene.cameras.find((c) => c.id === tile.camera);
    const known = marks.findIndex((m) => m.camera === tile.camera);
    if (known >= 0) marks.splice(known, 1);
    marks.push({ camera: tile.camera, at_us: Math.round((tile.shown_us ?? state.t) + facts.offset_us), doubt_us: 20_000 });
    document.getElementById("event-marks").textContent = marks.map((m) => `${m.camera} ${clock(m.at_us)}`).join(", ");
  });
  document.getElementById("event").addEventListener("submit", async (event) => {
    event.preventDefault();
    if (await send("clocks/event", { marks, words: event.target.elements.words.value })) marks.length = 0;
  });

  function clock(us) {
    const text = new Date(us / 1000).toLocaleTimeString(root.dataset.language === "fr" ? "fr-FR" : "en-GB", { timeZone: root.dataset.zone, hour12: false });
    return `${text}.${String(Math.floor((us / 1000) % 1000)).padStart(3, "0")}`;
  }

  function button(text, act) {
    const made = Object.assign(document.createElement("button"), { type: "button", textContent: text });
    made.addEventListener("click", act);
    return made;
  }

  function list() {
    const pins = state.scene.pins.map((pin) => {
      const item = document.createElement("li");
      item.append(button(clock(pin.at_us), () => seek(pin.at_us)), ` ${pin.camera} · ${pin.thread ? `${pin.thread}: ` : ""}${pin.words} (${pin.by}) `);
      if (pin.thread) item.append(button(root.dataset.next, () => next(pin.id)));
      item.append(button(root.dataset.remove, () => send(`pins/${pin.id}/remove?version=${pin.version}`)));
      return item;
    });
    document.getElementById("pins").replaceChildren(...pins);
    const names = [...new Set(state.scene.pins.map((pin) => pin.thread).filter(Boolean))];
    document.getElementById("threads").replaceChildren(...names.map((value) => Object.assign(document.createElement("option"), { value })));
    document.getElementById("clocks").replaceChildren(...state.scene.cameras.map((camera) => {
      const row = document.createElement("tr");
      const ahead = `${(camera.offset_us / 1e6).toFixed(3)} ± ${(camera.uncertainty_us / 1e6).toFixed(3)}`;
      const cells = [[camera.name, ""], [ahead, "number"], [JSON.parse(root.dataset.clocks)[camera.clock] ?? camera.clock, ""]];
      row.append(...cells.map(([textContent, className]) => Object.assign(document.createElement("td"), { textContent, className })));
      return row;
    }));
  }
  document.addEventListener("scene", list);
  list();
  return { take };
}
