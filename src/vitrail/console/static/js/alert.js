// One alert: its clip, and a verdict in two keys.

import { film } from "./film.js";
import { keys } from "./talk.js";

const stage = document.getElementById("stage");
const form = document.getElementById("verdict");
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

function decide(decision) {
  if (!form) return;
  form.elements.decision.value = decision;
  for (const button of form.querySelectorAll("[data-decision]")) {
    button.setAttribute("aria-pressed", button.dataset.decision === decision);
  }
  for (const set of form.querySelectorAll("fieldset")) set.hidden = set.dataset.for !== decision;
}

function say(reason) {
  if (!form || reason.trim().length < 3) return;
  form.elements.reason.value = reason;
  form.requestSubmit();
}

function open() {
  return form?.querySelector("fieldset:not([hidden])");
}

function nth(number) {
  const set = open();
  if (!set) return false;
  const reasons = [...set.querySelectorAll("[data-reason]")];
  if (number <= reasons.length) say(reasons[number - 1].dataset.reason);
  else if (number === reasons.length + 1) set.querySelector("input").focus();
  return true;
}

async function next() {
  const answer = await fetch("/api/v1/alerts?state=open&limit=200");
  if (!answer.ok) return;
  const waiting = (await answer.json()).map((one) => one.id);
  const here = document.querySelector("[data-alert]").dataset.alert;
  const at = waiting.indexOf(here);
  const there = waiting[at + 1] ?? waiting.find((id) => id !== here);
  location.assign(there ? `/alerts/${there}` : "/");
}

if (form) {
  for (const button of form.querySelectorAll("[data-decision]")) {
    button.addEventListener("click", () => decide(button.dataset.decision));
  }
  for (const button of form.querySelectorAll("[data-reason]")) {
    button.addEventListener("click", () => say(button.dataset.reason));
  }
  for (const field of form.querySelectorAll(".own input")) {
    field.addEventListener("keydown", (event) => {
      if (event.key === "Enter") { event.preventDefault(); say(field.value); }
    });
  }
}

keys({
  c: () => decide("confirmed"),
  d: () => decide("dismissed"),
  n: () => { next(); },
  " ": (event) => (event.target.closest("button") ? false : toggle()),
  ArrowLeft: (event) => (event.target.closest("input") ? false : move(-1)),
  ArrowRight: (event) => (event.target.closest("input") ? false : move(1)),
  Escape: (event) => {
    if (event.target.closest("input")) event.target.blur();
    else if (open()) decide("");
    else location.assign("/");
  },
  ...Object.fromEntries([1, 2, 3, 4, 5, 6, 7, 8, 9].map((n) => [String(n), () => nth(n)])),
});
