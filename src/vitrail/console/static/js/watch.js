// First page: the queue that updates by itself, live tiles, and the keyboard.

import { blackScreen } from "./black.js";
import { keys, listen, part } from "./talk.js";

const queue = document.getElementById("queue");
const AGAIN_MS = 3000;
const STILLS = 2;
let chosen = null;

function cards() {
  return [...queue.querySelectorAll(".card")];
}

function choose(id) {
  chosen = id;
  for (const card of cards()) {
    const here = card.dataset.alert === id;
    card.classList.toggle("chosen", here);
    if (here) card.scrollIntoView({ block: "nearest" });
  }
}

function step(by) {
  const all = cards();
  if (!all.length) return;
  const at = all.findIndex((card) => card.dataset.alert === chosen);
  choose(all[Math.max(0, Math.min(all.length - 1, at < 0 ? 0 : at + by))].dataset.alert);
}

function title() {
  const open = Number(queue.querySelector("[data-open]")?.dataset.open ?? 0);
  document.title = document.title.replace(/^(\(\d+\) )?/, open ? `(${open}) ` : "");
}

// Stills are masked when they are first asked for: a few at a time, so that live pictures and clicks need not wait.
let showing = 0;
function show() {
  const waiting = queue.querySelectorAll("img[data-still]");
  for (const picture of [...waiting].slice(0, STILLS - showing)) {
    showing += 1;
    const over = () => { showing -= 1; show(); };
    picture.addEventListener("load", over, { once: true });
    picture.addEventListener("error", over, { once: true });
    picture.src = picture.dataset.still;
    picture.removeAttribute("data-still");
  }
}

let asked = 0;
async function refresh() {
  const mine = ++asked;
  const before = new Set(cards().map((card) => card.dataset.alert));
  const html = await part("/queue");
  if (html === null || mine !== asked) return;
  const top = queue.querySelector(".cards")?.scrollTop ?? 0;
  const stills = new Map(cards().map((card) => [card.dataset.alert, card.querySelector("img")]));
  queue.innerHTML = html;
  for (const card of cards()) {
    const known = stills.get(card.dataset.alert);
    if (known) card.querySelector("img").replaceWith(known);
  }
  show();
  arrange();
  const list = queue.querySelector(".cards");
  if (list) list.scrollTop = top;
  for (const card of cards()) card.classList.toggle("new", !before.has(card.dataset.alert));
  choose(chosen);
  title();
  black.settle();
}

// The cameras worth a look come first, and only they show live pictures; the reason stands on each.
const tiles = document.querySelector(".tiles");
function arrange() {
  const wall = Number(tiles.dataset.wall);
  const order = [...queue.querySelectorAll(".attention li")];
  order.forEach((place, at) => {
    const figure = tiles.querySelector(`[data-camera="${CSS.escape(place.dataset.camera)}"]`);
    if (!figure) return;
    figure.style.order = at;
    figure.classList.toggle("rest", at >= wall);
    figure.classList.toggle("calls", "calls" in place.dataset);
    figure.querySelector(".why").textContent = place.textContent;
  });
  live(!document.hidden);
}

async function tile(figure) {
  const html = await part(`/tiles/${encodeURIComponent(figure.dataset.camera)}`);
  if (html !== null) figure.querySelector("figcaption").innerHTML = html;
  black.settle();
}

function live(visible) {
  const on = visible && !black.dark();
  for (const picture of document.querySelectorAll("[data-live]")) {
    const shown = on && !picture.closest(".rest");
    if (shown && !picture.src.includes("/live/")) picture.src = `${picture.dataset.live}?${Date.now()}`;
    if (!shown) picture.removeAttribute("src");
  }
}

// Dark while nothing waits, no camera has a problem and the line is up.
const black = blackScreen(
  () => cards().length > 0 || !document.getElementById("link").hidden || tiles.querySelector(".problem") !== null,
  () => live(!document.hidden),
);
black.settle();

for (const picture of document.querySelectorAll("[data-live]")) {
  picture.addEventListener("error", () => {
    if (!picture.hasAttribute("src")) return;
    setTimeout(() => { picture.src = `${picture.dataset.live}?${Date.now()}`; }, AGAIN_MS);
  });
}
document.addEventListener("visibilitychange", () => live(!document.hidden));
live(!document.hidden);
addEventListener("pagehide", () => live(false));

const figures = [...document.querySelectorAll(".tile")];
setInterval(() => { if (!document.hidden) figures.forEach(tile); }, 5000);
setInterval(() => { if (!document.hidden && (cards().length || figures.length > 1)) refresh(); }, 30000);

let down = null;
listen(
  { alert: refresh, heard: refresh, verdict: refresh, health: () => figures.forEach(tile) },
  (up) => {
    clearTimeout(down);
    if (up) { document.getElementById("link").hidden = true; refresh(); }
    else down = setTimeout(() => { document.getElementById("link").hidden = false; black.settle(); }, 1500);
  },
);

keys({
  j: () => step(1), ArrowDown: () => step(1),
  k: () => step(-1), ArrowUp: () => step(-1),
  b: () => black.toggle(),
  Enter: (event) => {
    if (black.dark()) return false;
    if (event.target.closest("a, button")) return false;
    const card = cards().find((one) => one.dataset.alert === chosen) ?? cards()[0];
    if (card) location.assign(card.querySelector("a").href);
    return true;
  },
});
title();
show();
