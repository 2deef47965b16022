// One alert: its clip, and a verdict in two keys.

import { film } from "./film.js";
import { verdict } from "./verdict.js";

const stage = document.getElementById("stage");
const controls = document.querySelector(".controls");
const play = document.getElementById("play");
const seek = document.getElementById("seek");
const clock = document.getElementById("clock");
let video = null;

function clockFace(seconds) {
  return `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;
}

function toggle() {
  if (!video) return;
  if (video.paused) video.play();
  else video.pause();
}

function move(by) {
  if (video) video.currentTime = Math.max(0, Math.min(video.duration || 0, video.currentTime + by));
}

function follow() {
  seek.value = video.duration ? video.currentTime / video.duration : 0;
  clock.textContent = clockFace(video.currentTime);
  if (!video.paused) requestAnimationFrame(follow);
}

film(stage).then((ready) => {
  if (!ready) return;
  video = ready;
  stage.querySelector(".poster").hidden = true;
  controls.hidden = false;
  const from = Number(stage.dataset.from);
  const length = Number(stage.dataset.length);
  const mark = document.getElementById("mark");
  mark.setAttribute("x", (1000 * from) / video.duration);
  mark.setAttribute("width", Math.max(6, (1000 * Math.min(length, video.duration - from)) / video.duration));
  video.addEventListener("play", () => { play.textContent = "❚❚"; follow(); });
  video.addEventListener("pause", () => { play.textContent = "▶"; });
  video.addEventListener("seeked", follow);
  video.addEventListener("click", toggle);
  video.addEventListener("ended", () => { video.currentTime = Math.max(0, from - 1); video.play(); });
  video.currentTime = Math.max(0, from - 2);
  video.play().catch(() => { play.textContent = "▶"; });
});

play.addEventListener("click", toggle);
seek.addEventListener("input", () => { if (video) video.currentTime = seek.value * video.duration; });
document.getElementById("slow").addEventListener("click", (event) => {
  const slow = event.target.getAttribute("aria-pressed") !== "true";
  event.target.setAttribute("aria-pressed", slow);
  if (video) video.playbackRate = slow ? 0.5 : 1;
});
document.getElementById("zone").addEventListener("click", (event) => {
  const shown = event.target.getAttribute("aria-pressed") !== "true";
  event.target.setAttribute("aria-pressed", shown);
  stage.classList.toggle("plain", !shown);
});

verdict({
  " ": (event) => (event.target.closest("button") ? false : toggle()),
  ArrowLeft: (event) => (event.target.closest("input") ? false : move(-1)),
  ArrowRight: (event) => (event.target.closest("input") ? false : move(1)),
});
