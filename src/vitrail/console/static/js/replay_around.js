// What happened within a minute of the clock, as a list: alerts, changes, sounds, vehicles and things.

const AROUND_US = 60e6;
const MOST = 12;

export function around(list, root, state, { seek, take }) {
  let shown;
  return function draw() {
    const scene = state.scene;
    const key = Math.floor(state.t / 1e6);
    if (key === shown && draw.scene === scene) return;
    shown = key;
    draw.scene = scene;
    const near = (each) => each.start_us < state.t + AROUND_US && each.end_us > state.t - AROUND_US;
    const found = [...scene.alerts, ...scene.sounds, ...scene.sightings].filter(near);
    found.sort((a, b) => a.start_us - b.start_us || String(a.id).localeCompare(String(b.id)));
    const nearest = found.sort((a, b) => away(a, state.t) - away(b, state.t)).slice(0, MOST);
    nearest.sort((a, b) => a.start_us - b.start_us);
    list.replaceChildren(...nearest.map((each) => row(each)));
  };

  function row(each) {
    const item = document.createElement("li");
    const what = said(root, each);
    const where = each.microphone ? `${root.dataset.heard}: ${each.microphone}` : name(each.camera);
    item.append(`${clock(each.start_us)} · ${where} · ${what} `);
    item.append(button(root.dataset.go, () => seek(each.start_us)));
    if (each.camera) item.append(" ", button(root.dataset.take, () => take(each, what)));
    return item;
  }

  function name(camera) {
    return state.scene.cameras.find((each) => each.id === camera)?.name ?? camera;
  }

  function clock(us) {
    return new Date(us / 1000).toLocaleTimeString(root.dataset.language === "fr" ? "fr-FR" : "en-GB", { timeZone: root.dataset.zone, hour12: false });
  }
}

/** What it is, in the page's language: a kind and, of a vehicle or a thing, its colours. */
export function said(root, each) {
  const words = JSON.parse(root.dataset.kinds);
  const state = each.state ? ` (${words[each.state] ?? each.state})` : "";
  return [words[each.kind] ?? each.kind, ...(each.colours ?? []).slice(0, 2).map((c) => words[c] ?? c)].join(", ") + state;
}

function away(each, t) {
  return Math.max(each.start_us - t, t - each.end_us, 0);
}

function button(text, act) {
  const made = Object.assign(document.createElement("button"), { type: "button", textContent: text });
  made.addEventListener("click", act);
  return made;
}
