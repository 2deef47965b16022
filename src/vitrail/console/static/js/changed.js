// What changed here?: draw a box on the picture, order the look back, show the moments.

import { get, part, post } from "./talk.js";

const PAUSE_MS = 500;
const place = document.getElementById("place");
const box = document.getElementById("box");
const ask = document.getElementById("ask");
const list = document.getElementById("moments");

if (place) {
  const picture = place.querySelector("img");
  drawable(picture);
  picture.addEventListener("load", show);
  if (picture.complete && picture.naturalWidth) show();
  const gone = () => { picture.hidden = true; document.getElementById("gone").hidden = false; };
  if (picture.complete && !picture.naturalWidth) gone();
  picture.addEventListener("error", gone);
  ask.addEventListener("submit", (event) => {
    event.preventDefault();
    look().catch((error) => say(error.message));
  });
}

/** Drag over the picture: the box goes into the form. */
function drawable(picture) {
  let from = null;
  const at = (event) => {
    const { left, top, width: w, height: h } = picture.getBoundingClientRect();
    const clamp = (v) => Math.min(1, Math.max(0, v));
    return { x: clamp((event.clientX - left) / w), y: clamp((event.clientY - top) / h) };
  };
  picture.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    from = at(event);
    picture.setPointerCapture(event.pointerId);
  });
  picture.addEventListener("pointermove", (event) => {
    if (!from) return;
    const to = at(event);
    const [x0, x1] = [from.x, to.x].sort((a, b) => a - b);
    const [y0, y1] = [from.y, to.y].sort((a, b) => a - b);
    ask.elements.box.value = [x0, y0, x1, y1].map((v) => v.toFixed(3)).join(",");
    show();
  });
  picture.addEventListener("pointerup", () => (from = null));
  ask.elements.box.addEventListener("input", show);
}

/** The box of the form, over the picture. */
function show() {
  const [x0, y0, x1, y1] = ask.elements.box.value.split(",").map(Number);
  const right = [x0, y0, x1, y1].every(Number.isFinite) && x1 > x0 && y1 > y0;
  box.hidden = !right;
  if (!right) return;
  const picture = place.querySelector("img").getBoundingClientRect();
  const origin = place.getBoundingClientRect();
  Object.assign(box.style, {
    left: `${picture.left - origin.left + x0 * picture.width}px`,
    top: `${picture.top - origin.top + y0 * picture.height}px`,
    width: `${(x1 - x0) * picture.width}px`,
    height: `${(y1 - y0) * picture.height}px`,
  });
}

async function look() {
  const work = ask.querySelector(".work");
  const bar = work.querySelector("progress");
  const query = new URLSearchParams({ box: ask.elements.box.value });
  list.replaceChildren();
  work.hidden = false;
  bar.value = 0;
  try {
    for (let next = () => post(`${place.dataset.path}?${query}`); ; ) {
      const job = await next();
      if (job.error || job.state === "failed") throw new Error([job.error?.what, job.error?.remedy].filter(Boolean).join(" · "));
      bar.value = job.progress ?? 0;
      if (job.state === "done") break;
      await new Promise((go) => setTimeout(go, PAUSE_MS));
      next = () => get(`${place.dataset.path}/work?${query}`);
    }
  } finally {
    work.hidden = true;
  }
  list.innerHTML = (await part(`${place.dataset.path}/moments?${query}`)) ?? "";
}

function say(text) {
  const line = document.createElement("p");
  line.className = "calm";
  line.textContent = text;
  list.replaceChildren(line);
}
