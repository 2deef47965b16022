// Orders a bundle and shows how far it is; work that was cut off goes on where it stopped.

import { get, post } from "./talk.js";

const PAUSE_MS = 500;

for (const button of document.querySelectorAll("button.make")) button.addEventListener("click", () => make(button));

async function make(button) {
  const work = button.parentElement.querySelector(".work");
  const bar = work.querySelector("progress");
  button.disabled = true;
  work.hidden = false;
  for (let ask = () => post(button.dataset.order); ; ask = () => get(button.dataset.work)) {
    const job = await ask().catch(() => ({ state: "waiting", progress: bar.value }));
    if (job.error || job.state === "failed") {
      work.textContent = [job.error?.what, job.error?.remedy].filter(Boolean).join(" · ");
      button.disabled = false;
      return;
    }
    bar.value = job.progress ?? 0;
    if (job.state === "done") {
      location.hash = button.closest(".bundle").id;
      location.reload();
      return;
    }
    await new Promise((go) => setTimeout(go, PAUSE_MS));
  }
}
