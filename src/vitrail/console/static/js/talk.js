// What every page needs: asking the server, and words about what happens there (server-sent events).

const csrf = document.querySelector('meta[name="csrf"]')?.content ?? "";

/** Resolves to JSON; an error of the house comes as {error: {what, remedy}}. */
export async function get(path, more = {}) {
  const answer = await fetch(path, { ...more, headers: { Accept: "application/json", ...more.headers } });
  if (answer.status === 401) location.reload();
  return answer.json();
}

/** The same, with the session's own token. */
export function post(path, more = {}) {
  return get(path, { method: "POST", ...more, headers: { "X-CSRF-Token": csrf, ...more.headers } });
}

/** HTML of a part of a page; null while the server is away. */
export async function part(path) {
  try {
    const answer = await fetch(path, { headers: { "X-Part": "1" } });
    if (answer.redirected) location.reload();
    return answer.ok ? await answer.text() : null;
  } catch {
    return null;
  }
}

let line = null;

/** Calls `handlers[name](data)` for each event; the browser reconnects by itself. `link(up)` tells how the line is. One
 * line a page, whoever listens: a browser opens six connections to one host. */
export function listen(handlers, link = () => {}) {
  line ??= new EventSource("/events");
  for (const [name, handle] of Object.entries(handlers)) line.addEventListener(name, (event) => handle(event.data));
  line.addEventListener("open", () => link(true));
  line.addEventListener("error", () => link(false));
  return line;
}

/** Keys that people press while not typing. */
export function keys(table) {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const typing = event.target.closest("input:not([type=range]), select, textarea");
    if (typing && event.key !== "Escape") return;
    const act = table[event.key] ?? table[event.key.toLowerCase()];
    if (act && act(event) !== false) event.preventDefault();
  });
}
