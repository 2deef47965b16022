// Search: move through the storyboard by keys; a still that was not recorded says so.

import { keys } from "./talk.js";

const shots = [...document.querySelectorAll(".shot")];

for (const shot of shots) {
  const image = shot.querySelector("img");
  if (!image) shot.classList.add("bare");
  image?.addEventListener("error", () => shot.classList.add("bare"));
}

/** The shot that has the focus, or holds what has it. */
const here = () => shots.indexOf(document.activeElement?.closest(".shot"));

function go(step) {
  const at = here();
  const next = shots[Math.min(shots.length - 1, Math.max(0, at < 0 ? 0 : at + step))];
  if (!next) return false;
  next.focus();
  next.scrollIntoView({ block: "nearest" });
}

function follow(name) {
  const path = shots[here()]?.dataset[name];
  if (!path) return false;
  location.assign(path);
}

keys({
  "/": () => document.getElementById("q").focus(),
  ArrowRight: () => go(1),
  ArrowLeft: () => go(-1),
  Enter: (event) => (event.target.closest("a, button") ? false : follow("film")),
  l: () => follow("like"),
});
