// Adding a camera: look for it, take one of its streams, try it, see the lines, write them.

import { post } from "./talk.js";

const form = document.getElementById("add");
const fields = form.elements;
const write = form.querySelector("button.primary");
let base = "";

function made(tag, text = "", name = "") {
  const one = document.createElement(tag);
  one.textContent = text;
  one.className = name;
  return one;
}

function button(text, act) {
  const one = made("button", text);
  one.type = "button";
  one.addEventListener("click", act);
  return one;
}

const login = () => ({ user: fields.user.value, password: fields.password.value });

function described() {
  const number = (name) => (fields[name].value === "" ? null : Number(fields[name].value));
  return {
    ...login(),
    id: fields.id.value,
    name: fields.name.value,
    address: fields.address.value.trim(),
    sub_address: fields.sub_address.value.trim(),
    latitude: number("latitude"),
    longitude: number("longitude"),
    heading_deg: number("heading_deg"),
    nothing_to_hide: fields.nothing_to_hide.checked,
  };
}

/** Asks with the button held down; an error is told in `where`, and gives null. */
async function asked(pressed, where, path, body) {
  where.replaceChildren();
  pressed.disabled = true;
  where.setAttribute("aria-busy", "true");
  try {
    const told = await post(path, { headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
    if (!told.error) return told;
    const { what, remedy, rule } = told.error;
    where.append(made("p", [what, rule, remedy].filter(Boolean).join(" → "), "trouble"));
  } catch {
    where.append(made("p", form.dataset.failed, "trouble"));
  } finally {
    pressed.disabled = false;
    where.removeAttribute("aria-busy");
  }
  return null;
}

const found = document.getElementById("found");
const find = document.getElementById("find");
find.addEventListener("click", async () => {
  const devices = await asked(find, found, "/api/v1/cameras/nearby", {});
  if (!devices) return;
  if (!devices.length) found.append(made("li", form.dataset.nobody, "calm"));
  for (const device of devices) {
    const row = made("li");
    const ask = button(form.dataset.streams, () => streams(ask, device));
    row.append(made("b", device.name || device.host), " ", made("span", `${device.host} ${device.hardware}`, "dim"), " ", ask);
    found.append(row);
  }
});

const list = document.getElementById("offered");
async function streams(pressed, device) {
  const offered = await asked(pressed, list, "/api/v1/cameras/offered", { ...login(), device: device.address });
  for (const stream of offered ?? []) {
    const row = made("li");
    const size = stream.width ? `${stream.width} × ${stream.height}` : "";
    row.append(made("b", stream.name), " ", made("span", `${stream.codec} ${size}`, "dim"), made("code", stream.address, "address"));
    row.append(
      button(form.dataset.take, () => { fields.address.value = stream.address; fields.name.value ||= device.name; changed(); }),
      " ",
      button(form.dataset.smaller, () => { fields.sub_address.value = stream.address; changed(); }),
    );
    list.append(row);
  }
}

const tried = document.getElementById("tried");
const shown = document.getElementById("shown");
const trying = document.getElementById("try");
trying.addEventListener("click", async () => {
  shown.hidden = true;
  if (!fields.address.reportValidity()) return;
  const told = await asked(trying, tried, "/api/v1/cameras/try", { ...login(), address: fields.address.value.trim() });
  if (!told) return;
  const rate = told.frames_per_s.toLocaleString(document.documentElement.lang, { maximumFractionDigits: 1 });
  tried.append(made("p", `${form.dataset.answers} ${told.codec}, ${told.width} × ${told.height}, ${rate}/s`, "good"));
  if (told.withheld) tried.append(made("p", `${told.withheld.what} (${told.withheld.rule}): ${told.withheld.remedy}`, "dim"));
  if (!told.still) return;
  shown.querySelector("img").src = `/api/v1/cameras/try/still.jpg?${Date.now()}`;
  shown.hidden = false;
});

const outlook = document.getElementById("outlook");
function tell(told) {
  const lines = made("pre", "", "changes-of");
  lines.tabIndex = 0;
  for (const line of told.changes.split("\n")) {
    lines.append(made("span", line, { "+": "more", "-": "less" }[line[0]] ?? "dim"), "\n");
  }
  outlook.append(lines);
  for (const p of told.problems) outlook.append(made("p", [`${p.key}: ${p.what}`, p.remedy].filter(Boolean).join(" → "), "trouble"));
  if (told.problems.length) return;
  outlook.append(made("h3", form.dataset.lacks));
  for (const one of told.lacking) outlook.append(made("p", `${one.what} (${one.rule}): ${one.remedy}`, "problem"));
  if (!told.lacking.length) outlook.append(made("p", form.dataset.nothing));
}

const check = document.getElementById("check");
check.addEventListener("click", async () => {
  write.disabled = true;
  if (!form.reportValidity()) return;
  const told = await asked(check, outlook, "/api/v1/cameras/check", described());
  if (!told) return;
  base = told.base;
  tell(told);
  write.disabled = told.problems.length > 0;
});

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (write.disabled) return;
  const told = await asked(write, outlook, "/api/v1/cameras", { ...described(), base });
  write.disabled = true;
  if (!told) return;
  outlook.append(made("p", form.dataset.written, "good"));
  tell(told);
});

/** What was shown is what is written: anything changed must be shown again. */
function changed() { write.disabled = true; }
form.addEventListener("input", changed);

// The short name follows from the name until somebody types it.
let named = false;
fields.id.addEventListener("input", () => { named = fields.id.value !== ""; });
fields.name.addEventListener("input", () => {
  if (named) return;
  const plain = fields.name.value.normalize("NFD").replace(/[\u0300-\u036f]/g, "").toLowerCase();
  fields.id.value = plain.replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "").slice(0, 40);
});
form.dataset.ready = "";
