// Setting a camera up: draw, name, check against the rules of the site folder, keep as a draft.

import { post } from "./talk.js";
import { Board, NEEDS } from "./setup_board.js";
import { List, number } from "./setup_list.js";

const PAUSE_MS = 500;
const CLUES = ["place", "height"];
const root = document.getElementById("board");
const of = (id) => document.getElementById(id);

if (root) {
  const drawing = JSON.parse(root.dataset.drawing);
  if ("readonly" in root.dataset) {
    const board = new Board(root, {});
    board.items = itemsOf(drawing);
    board.show();
  } else start(drawing);
}

function itemsOf(drawing) {
  const shapes = drawing.shapes.map((shape) => ({ ...shape, was: shape.id }));
  const places = (drawing.clues?.places ?? []).map((clue) => ({ kind: "place", corners: [clue.at], ...clue }));
  const heights = (drawing.clues?.heights ?? []).map((c) => ({ kind: "height", corners: [c.foot, c.head], metres: c.metres }));
  return [...shapes, ...places, ...heights];
}

function start(drawing) {
  const picture = root.querySelector("img");
  const how = of("how");
  let timer = 0;
  let asked = 0;
  const board = new Board(root, {
    chose: choose,
    changed: (index) => {
      list.follow(board.items[index], index);
      soon();
    },
    drew: (kind, corners) => add(kind, corners),
    told: (kind) => {
      for (const tool of document.querySelectorAll("[data-tool]")) tool.setAttribute("aria-pressed", String(tool.dataset.tool === kind));
      const words = { lines: "two", height: "foot", place: "one" };
      how.textContent = kind ? how.dataset[words[kind] ?? "ring"] : how.dataset.idle;
    },
  });
  const list = new List({
    chose: choose,
    changed: (index, name) => {
      if (name === "corners") board.show();
      else list.follow(board.items[index], index);
      soon();
    },
    removed: (index) => {
      board.items.splice(index, 1);
      choose(-1);
      soon();
    },
  });
  board.items = itemsOf(drawing);
  of("view").value = drawing.clues?.view_deg ?? "";

  picture.addEventListener("error", () => {
    if (!picture.src.endsWith(root.dataset.live)) picture.src = root.dataset.live;
    else root.classList.add("bare");
  });
  picture.addEventListener("load", () => root.classList.add("loaded"));
  if (picture.complete && picture.naturalWidth) root.classList.add("loaded");
  if (picture.complete && !picture.naturalWidth) picture.dispatchEvent(new Event("error"));
  for (const tool of document.querySelectorAll("[data-tool]")) {
    tool.addEventListener("click", (event) => {
      const kind = tool.dataset.tool;
      if (event.detail === 0) add(kind, usual(kind)); // by keyboard: one to move, in the middle
      else board.draw(board.tool === kind ? null : kind);
    });
  }
  of("view").addEventListener("input", soon);
  of("reviewed").addEventListener("change", soon);
  of("propose").addEventListener("click", propose);
  choose(-1);
  soon();

  function add(kind, corners) {
    const item = { kind, corners, id: "", name: "", what: "" };
    if (kind === "place") Object.assign(item, { known: null, on_map: true });
    if (kind === "height") item.metres = null;
    board.items.push(item);
    choose(board.items.length - 1);
    const first = document.querySelector("#items .chosen input");
    if (first) first.focus();
    soon();
  }

  function choose(index) {
    board.chosen = index;
    board.show();
    list.show(board.items, index);
    misfits();
  }

  function soon() {
    clearTimeout(timer);
    of("propose").disabled = true;
    timer = setTimeout(() => check().catch((error) => problems([{ key: "", what: error.message, remedy: "" }])), PAUSE_MS);
  }

  function whole() {
    const shapes = board.items.filter((item) => !CLUES.includes(item.kind)).map(({ kind, corners, id, name, what }) => ({ kind, corners, id, name, what }));
    const known = board.items.filter((item) => CLUES.includes(item.kind));
    const places = known.filter((item) => item.kind === "place" && item.known).map((item) => ({ at: item.corners[0], known: item.known, on_map: item.on_map }));
    const heights = known.filter((item) => item.kind === "height" && item.metres > 0).map((item) => ({ foot: item.corners[0], head: item.corners[1], metres: item.metres }));
    const size = drawing.clues?.picture ?? [picture.naturalWidth || 1920, picture.naturalHeight || 1080];
    const clues = known.length ? { picture: size, view_deg: number(of("view").value), places, heights } : null;
    return { base: drawing.base, shapes, clues, reviewed: of("reviewed").checked };
  }

  function send(verb) {
    return post(`${root.dataset.path}/${verb}`, { headers: { "Content-Type": "application/json" }, body: JSON.stringify(whole()) });
  }

  async function check() {
    const mine = ++asked;
    const said = await send("check");
    if (mine !== asked) return;
    if (said.error) return problems([{ key: said.error.where, what: said.error.what, remedy: said.error.remedy }]);
    problems(said.problems, said.changes);
    of("changes").textContent = said.changes;
    of("propose").disabled = said.problems.length > 0 || !said.changes;
    calibrated(said.calibration);
  }

  function calibrated(found) {
    of("ground").hidden = !found;
    board.grid = found?.grid ?? [];
    board.misfits = new Map();
    const used = [...board.items.filter((item) => item.kind === "place" && item.known), ...board.items.filter((item) => item.kind === "height" && item.metres > 0)];
    (found?.misfits ?? []).forEach((miss, place) => board.misfits.set(used[place], miss));
    for (const place of of("ground").querySelectorAll("[data-of]")) {
      const value = found?.[place.dataset.of] ?? 0;
      place.textContent = place.dataset.of === "doubt" ? Math.round(100 * value) : value.toFixed(1);
    }
    board.show();
    misfits();
  }

  function misfits() {
    board.items.forEach((item, index) => {
      const miss = board.misfits.get(item);
      list.misfit(index, miss === undefined ? "" : `± ${(100 * miss).toFixed(1)} %`);
    });
  }

  function problems(found, changes = "") {
    const lines = found.map((one) => line([one.key, one.what].filter(Boolean).join(": "), one.remedy));
    if (!found.length) lines.push(line(changes ? of("problems").dataset.well : of("problems").dataset.same, "", "fine"));
    of("problems").replaceChildren(...lines);
  }

  async function propose() {
    of("propose").disabled = true;
    const said = await send("draft");
    if (said.next) location.assign(said.next);
    else problems(said.problems?.length ? said.problems : [{ key: said.error.where, what: said.error.what, remedy: said.error.remedy }]);
  }
}

function line(words, remedy, name = "") {
  const made = document.createElement("li");
  made.className = name;
  made.textContent = [words, remedy].filter(Boolean).join(" → ");
  return made;
}

/** What the keyboard begins with. */
function usual(kind) {
  if (NEEDS[kind] === 1) return [[0.5, 0.75]];
  if (kind === "height") return [[0.5, 0.8], [0.5, 0.6]];
  if (NEEDS[kind] === 2) return [[0.4, 0.6], [0.6, 0.6]];
  return [[0.4, 0.4], [0.6, 0.4], [0.6, 0.6], [0.4, 0.6]];
}
