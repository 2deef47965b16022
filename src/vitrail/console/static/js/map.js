// The map keeps itself up to date, and the arrow keys go from hour to hour. Without it, links do all of that.

import { keys, listen, part } from "./talk.js";

const survey = document.getElementById("survey");
const link = document.getElementById("link");
const REST_MS = 3000; // each look stands in the ledger: words that come together are one look
let due = null;

async function refresh() {
  due = null;
  const hour = survey.dataset.hour;
  const html = await part(`/map/now${hour ? `?hour=${hour}` : ""}`);
  if (html === null) return;
  const held = document.activeElement?.id;
  survey.innerHTML = html;
  if (held) document.getElementById(held)?.focus();
}

const soon = () => { due ??= setTimeout(refresh, REST_MS); };

function step(by) {
  const hours = [...survey.querySelectorAll(".day-hours a")];
  const at = hours.findIndex((hour) => hour.hasAttribute("aria-current"));
  const to = at < 0 ? (by < 0 ? hours.length - 1 : -1) : at + by;
  if (to === hours.length) survey.querySelector("#hour-now").click();
  hours[to]?.click();
}

listen({ alert: soon, heard: soon, verdict: soon, health: soon }, (up) => { link.hidden = up; });
keys({ ArrowLeft: () => step(-1), ArrowRight: () => step(1), n: () => survey.querySelector("#hour-now")?.click() });
