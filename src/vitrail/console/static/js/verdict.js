// A verdict in two keys: what it is, and why. Shared by alerts that were seen and alerts that were heard.

import { keys } from "./talk.js";

const form = document.getElementById("verdict");

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

export function verdict(more = {}) {
  keys({
    c: () => decide("confirmed"),
    d: () => decide("dismissed"),
    n: () => { next(); },
    Escape: (event) => {
      if (event.target.closest("input")) event.target.blur();
      else if (open()) decide("");
      else location.assign("/");
    },
    ...Object.fromEntries([1, 2, 3, 4, 5, 6, 7, 8, 9].map((n) => [String(n), () => nth(n)])),
    ...more,
  });
}
