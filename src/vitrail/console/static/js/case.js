// A case: watch a minute of it, draw the box to ask for.

import { film } from "./film.js";

const stage = document.getElementById("stage");
const ask = document.getElementById("ask");
const box = document.getElementById("box");

if (stage) {
  film(stage).then((video) => {
    if (!video) return;
    video.play().catch(() => {});
    if (ask?.dataset.start) drawable(video);
  });
}

/** Drag over the picture: the box, the moment and the camera go into the form below. */
function drawable(video) {
  let from = null;
  const at = (event) => {
    const { left, top, width: w, height: h } = video.getBoundingClientRect(); // the picture fills it
    const clamp = (v) => Math.min(1, Math.max(0, v));
    return { x: clamp((event.clientX - left) / w), y: clamp((event.clientY - top) / h), left, top, w, h };
  };
  video.addEventListener("pointerdown", (event) => {
    if (event.offsetY > video.clientHeight - 60) return; // the player's own controls
    event.preventDefault();
    video.pause();
    from = at(event);
    video.setPointerCapture(event.pointerId);
  });
  video.addEventListener("pointermove", (event) => {
    if (!from) return;
    const to = at(event);
    const [x0, x1] = [from.x, to.x].sort((a, b) => a - b);
    const [y0, y1] = [from.y, to.y].sort((a, b) => a - b);
    const origin = stage.getBoundingClientRect();
    box.hidden = false;
    Object.assign(box.style, {
      left: `${to.left - origin.left + x0 * to.w}px`,
      top: `${to.top - origin.top + y0 * to.h}px`,
      width: `${(x1 - x0) * to.w}px`,
      height: `${(y1 - y0) * to.h}px`,
    });
    ask.elements.box.value = [x0, y0, x1, y1].map((v) => v.toFixed(3)).join(",");
  });
  video.addEventListener("pointerup", () => {
    if (!from) return;
    from = null;
    const moment = new Date(Number(ask.dataset.start) / 1000 + video.currentTime * 1000);
    ask.elements.begin.value = local(ask.elements.begin.value, moment);
    ask.elements.reason.focus();
  });
}

/** The moment in the site's own time: the field already shows the minute's start, so only seconds are added to it. */
function local(text, moment) {
  const start = new Date(Number(ask.dataset.start) / 1000);
  const shown = new Date(`${ask.dataset.shown ?? text}Z`);
  ask.dataset.shown ??= text;
  return new Date(shown.getTime() + (moment - start)).toISOString().slice(0, 19);
}
