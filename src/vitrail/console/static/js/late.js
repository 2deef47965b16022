// Alerts that wait too long, for the accounts that are told of them: counted anew when one comes, is judged, or its
// time is up, on whatever page is open.

import { listen, part } from "./talk.js";

const place = document.getElementById("late");
const AGAIN_S = 10;
let timer = null;

function wait(seconds) {
  clearTimeout(timer);
  timer = setTimeout(ask, seconds * 1000);
}

function next() {
  const soon = place.querySelector("[data-next]");
  if (soon) wait(Number(soon.dataset.next));
}

async function ask() {
  clearTimeout(timer);
  const html = await part("/handover/late");
  if (html === null) { wait(AGAIN_S); return; }
  place.innerHTML = html;
  next();
}

listen({ alert: ask, heard: ask, verdict: ask, missed: ask });
next();
place.dataset.listens = "";
