// An analytic tried on the recording: order, wait, show what it would have told.

import { get, part, post } from "./talk.js";

const PAUSE_MS = 700;
const form = document.getElementById("try");

if (form) {
  form.elements.analytic.addEventListener("change", fits);
  fits();
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    run().catch((error) => say(error.message));
  });
}

/** Parameters of the chosen analytic, with their defaults. */
function fits() {
  const chosen = form.elements.analytic.selectedOptions[0];
  form.elements.parameters.value = chosen?.dataset.parameters ?? "";
}

function asked() {
  const named = (list) => [...form.querySelectorAll(`[name=${list}]:checked`)].map((box) => box.value);
  const pairs = form.elements.parameters.value.split(/[\s;]+/).filter(Boolean).map((pair) => pair.split("="));
  const lists = Object.fromEntries(["zones", "lines", "surfaces", "assets"].map((list) => [list, named(list)]));
  return {
    analytic: form.elements.analytic.value,
    purpose: form.elements.purpose.value,
    start: form.elements.start.value,
    minutes: Number(form.elements.minutes.value),
    parameters: Object.fromEntries(pairs.map(([name, value]) => [name, Number(value)])),
    ...lists,
  };
}

async function run() {
  const work = form.querySelector(".working");
  const list = document.getElementById("told");
  list.replaceChildren();
  work.hidden = false;
  try {
    let next = () => post(form.dataset.path, { headers: { "Content-Type": "application/json" }, body: JSON.stringify(asked()) });
    for (;;) {
      const job = await next();
      if (job.error) throw new Error([job.error.what, job.error.remedy].filter(Boolean).join(" → "));
      work.querySelector("progress").value = job.progress ?? 0;
      if (job.state === "done") break;
      await new Promise((go) => setTimeout(go, PAUSE_MS));
      next = () => get(`${form.dataset.path}/work`);
    }
  } finally {
    work.hidden = true;
  }
  list.innerHTML = (await part(`${form.dataset.path}/told`)) ?? "";
}

function say(text) {
  const line = document.createElement("p");
  line.className = "trouble";
  line.textContent = text;
  document.getElementById("told").replaceChildren(line);
}
