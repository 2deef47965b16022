// A black screen until something happens: eyes that stare at calm pictures for hours see nothing any more.

const KEY = "vitrail-black-screen";

/** `calls()`: whether something wants to be seen. `shown(on)`: whether pictures are to be shown now. */
export function blackScreen(calls, shown) {
  const cover = document.getElementById("black");
  const behind = [...document.querySelectorAll(".top, .watch, .keys")];
  let wanted = localStorage.getItem(KEY) === "1";
  let dark = false;

  function settle() {
    const now = wanted && !calls();
    if (now === dark && cover.hidden !== now) return;
    dark = now;
    cover.hidden = !dark;
    for (const part of behind) part.inert = dark;
    if (dark) cover.querySelector("button").focus();
    shown(!dark);
  }

  function toggle() {
    wanted = !wanted;
    localStorage.setItem(KEY, wanted ? "1" : "0");
    for (const button of document.querySelectorAll("[data-black]")) button.setAttribute("aria-pressed", String(wanted));
    settle();
  }

  for (const button of document.querySelectorAll("[data-black]")) {
    button.setAttribute("aria-pressed", String(wanted));
    button.addEventListener("click", toggle);
  }
  return { settle, toggle, dark: () => dark };
}
