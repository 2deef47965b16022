// The list beside the picture: names, kinds and numbers of what is drawn, for those who type rather than draw.

export class List {
  /** `changed(index)` after a field was typed; `chose(index)`; `removed(index)`. */
  constructor(on) {
    this.root = document.getElementById("items");
    this.row = document.getElementById("item");
    this.names = {};
    for (const name of document.querySelectorAll("#names [data-kind]")) this.names[name.dataset.kind] = name.textContent;
    this.on = on;
  }

  show(items, chosen) {
    this.root.replaceChildren(...items.map((item, index) => this.line(item, index, index === chosen)));
    this.root.children[chosen]?.scrollIntoView({ block: "nearest" });
  }

  line(item, index, open) {
    const line = this.row.content.cloneNode(true).querySelector("li");
    const words = line.querySelector("[data-kind-name]");
    line.classList.toggle("closed", !open);
    line.querySelector(".swatch").classList.add(item.kind);
    words.textContent = [this.names[item.kind], item.name].filter(Boolean).join(" · ");
    const legend = line.querySelector("legend");
    legend.tabIndex = 0;
    legend.setAttribute("role", "button");
    legend.setAttribute("aria-expanded", String(open));
    legend.addEventListener("click", () => this.on.chose(open ? -1 : index));
    legend.addEventListener("keydown", (event) => {
      if (event.key === "Enter" || event.key === " ") {
        event.preventDefault();
        this.on.chose(open ? -1 : index);
      }
    });
    if (open) line.querySelector("fieldset").classList.add("chosen");
    const named = !["masks", "place", "height"].includes(item.kind);
    for (const label of line.querySelectorAll("[data-for]")) {
      const kind = label.dataset.for;
      if (!(kind === "all" || (kind === "named" && named) || kind === item.kind)) label.remove();
    }
    for (const field of line.querySelectorAll("[data-field]")) this.field(field, item, index);
    line.querySelector("[data-remove]").addEventListener("click", () => this.on.removed(index));
    return line;
  }

  field(field, item, index) {
    const name = field.dataset.field;
    field.value = written(item, name);
    if (name === "id" && item.was) field.readOnly = true;
    field.addEventListener("input", () => {
      const read = { corners: corners, known: pair, metres: number, on_map: (text) => text === "true" }[name];
      const value = read ? read(field.value) : field.value;
      field.setCustomValidity(value === null ? "?" : "");
      if (value === null) return;
      item[name] = value;
      if (name === "name" && !item.was && !item.typed) item.id = slug(value);
      if (name === "id") item.typed = true;
      this.on.changed(index, name);
    });
  }

  /** Numbers that changed on the picture. */
  follow(item, index) {
    const field = this.root.children[index]?.querySelector('[data-field="corners"]');
    if (field && field !== document.activeElement) field.value = written(item, "corners");
    const id = this.root.children[index]?.querySelector('[data-field="id"]');
    if (id && id !== document.activeElement) id.value = item.id ?? "";
  }

  misfit(index, words) {
    const place = this.root.children[index]?.querySelector("[data-misfit]");
    if (place) place.textContent = words;
  }
}

export function slug(text) {
  const plain = text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").toLowerCase();
  return plain.replace(/[^a-z0-9]+/g, "-").replace(/^-+|-+$/g, "").slice(0, 40);
}

export function number(text) {
  const value = Number(text.trim().replace(",", "."));
  return text.trim() && Number.isFinite(value) ? value : null;
}

function written(item, name) {
  if (name === "corners") return item.corners.map((corner) => corner.join(",")).join("  ");
  if (name === "known") return item.known?.join(", ") ?? "";
  return String(item[name] ?? "");
}

function corners(text) {
  const found = text.trim().split(/[\s;]+/).map(pair);
  return found.length && found.every(Boolean) ? found : null;
}

function pair(text) {
  const parts = text.trim().split(/[\s,;]+/).map(Number);
  return parts.length === 2 && parts.every(Number.isFinite) ? parts : null;
}
