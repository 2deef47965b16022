// Walls and furniture: choose one with J and K; say of one what was done.

import { keys } from "./talk.js";

const links = [...document.querySelectorAll(".things tbody a")];
const form = document.getElementById("said");

function step(by) {
  if (!links.length) return;
  const at = links.indexOf(document.activeElement);
  links[Math.max(0, Math.min(links.length - 1, at < 0 ? 0 : at + by))].focus();
}

function say(said) {
  const button = form?.querySelector(`button[value="${said}"]`);
  if (!button) return;
  if (form.reportValidity()) form.requestSubmit(button);
  else form.elements.words.focus();
}

// Pictures go with their alert; the place they leave is no broken picture.
for (const picture of document.querySelectorAll(".sides img")) {
  const gone = () => { picture.closest("figure").hidden = true; };
  if (picture.complete && !picture.naturalWidth) gone();
  picture.addEventListener("error", gone);
}

if (form) {
  keys({
    r: () => say("repaired"),
    w: () => say("whole"),
    Escape: (event) => {
      if (event.target.closest("input")) event.target.blur();
      else location.assign(document.querySelector("[data-back]").dataset.back);
    },
  });
} else {
  keys({ j: () => step(1), ArrowDown: () => step(1), k: () => step(-1), ArrowUp: () => step(-1) });
}
