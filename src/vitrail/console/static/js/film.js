// Orders a masked clip, shows how far it is, then plays it.

import { get, post } from "./talk.js";

const PAUSE_MS = 400;

/** Resolves to the playing <video>, or null when there is nothing to play (said on the stage). */
export async function film(stage) {
  const video = stage.querySelector("video");
  const work = stage.querySelector(".work");
  const bar = work.querySelector("progress");
  if (stage.dataset.recorded !== "yes") return null;
  for (let ask = () => post(stage.dataset.order); ; ask = () => get(stage.dataset.work)) {
    const job = await ask().catch(() => ({ state: "waiting", progress: bar.value }));
    if (job.error || job.state === "failed") {
      work.textContent = [job.error?.what, job.error?.remedy].filter(Boolean).join(" · ");
      return null;
    }
    bar.value = job.progress ?? 0;
    if (job.state === "done") break;
    await new Promise((go) => setTimeout(go, PAUSE_MS));
  }
  video.src = stage.dataset.film;
  await new Promise((go) => {
    video.addEventListener("loadeddata", go, { once: true });
    video.addEventListener("error", go, { once: true });
  });
  if (video.error) {
    work.textContent = video.error.message;
    return null;
  }
  work.hidden = true;
  video.hidden = false;
  return video;
}
