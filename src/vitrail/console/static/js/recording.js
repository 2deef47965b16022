// Recording: choose a moment on the day's bar, then watch that minute.

import { film } from "./film.js";

const day = document.getElementById("day");
const stage = document.getElementById("stage");

day?.querySelector("svg").addEventListener("click", (event) => {
  const box = event.currentTarget.getBoundingClientRect();
  const minutes = Math.floor((((event.clientX - box.left) / box.width) * Number(day.dataset.length)) / 60e6);
  const at = `${String(Math.floor(minutes / 60)).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;
  location.assign(`/recording?${new URLSearchParams({ camera: day.dataset.camera, day: day.dataset.day, at })}`);
});

if (stage) film(stage).then((video) => video?.play().catch(() => {}));
