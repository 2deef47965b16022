// The picture with drawings on it: shapes as SVG, corners of the chosen one as buttons that are dragged or moved by keys.

const SVG = "http://www.w3.org/2000/svg";
const STEP = 0.005;
const FINE = 0.001;
const CLOSE_PX = 14;
export const NEEDS = { lines: 2, height: 2, place: 1 };

const share = (value) => Math.round(Math.min(1, Math.max(0, value)) * 1e4) / 1e4;

export class Board {
  /** `changed(index)` after a corner moved; `chose(index)`; `drew(kind, corners)` when a new one is whole; `told(how)`. */
  constructor(root, on) {
    this.root = root;
    this.svg = root.querySelector("svg");
    this.on = on;
    this.items = [];
    this.chosen = -1;
    this.grid = [];
    this.misfits = new Map();
    this.tool = null;
    this.made = [];
    if (!("readonly" in root.dataset)) this.listen();
  }

  listen() {
    this.svg.addEventListener("click", (event) => {
      if (this.tool) return this.add(this.at(event));
      const index = event.target.dataset?.index;
      this.on.chose(index === undefined ? -1 : Number(index));
    });
    document.addEventListener("keydown", (event) => {
      if (!this.tool || event.target.closest("input, select, textarea")) return;
      if (event.key === "Escape") this.draw(null);
      else if (event.key === "Backspace") this.made.pop();
      else if (event.key === "Enter" && this.made.length) this.finish();
      else return;
      event.preventDefault();
      this.show();
    });
  }

  at(event) {
    const { left, top, width, height } = this.svg.getBoundingClientRect();
    return [share((event.clientX - left) / width), share((event.clientY - top) / height)];
  }

  /** Begin a new shape of that kind; null gives up. */
  draw(kind) {
    this.tool = kind;
    this.made = [];
    this.root.classList.toggle("draws", kind !== null);
    this.on.told(kind);
    this.show();
  }

  add(corner) {
    const { width, height } = this.svg.getBoundingClientRect();
    const [first] = this.made;
    const close = first && Math.hypot((first[0] - corner[0]) * width, (first[1] - corner[1]) * height) < CLOSE_PX;
    if (!NEEDS[this.tool] && this.made.length > 2 && close) return this.finish();
    this.made.push(corner);
    if (this.made.length === NEEDS[this.tool]) this.finish();
    else this.show();
  }

  finish() {
    const least = NEEDS[this.tool] ?? 3;
    if (this.made.length < least) return;
    const [kind, corners] = [this.tool, this.made];
    this.draw(null);
    this.on.drew(kind, corners);
  }

  show() {
    const parts = this.grid.map((line) => shape("metre", line, false));
    this.items.forEach((item, index) => {
      const part = shape(item.kind, item.corners, !NEEDS[item.kind]);
      part.dataset.index = index;
      if (index === this.chosen) part.classList.add("chosen");
      if ((this.misfits.get(item) ?? 0) > 0.03) part.classList.add("off");
      parts.push(part);
    });
    if (this.made.length) parts.push(shape("made", this.made, false));
    this.svg.replaceChildren(...parts);
    this.handles();
  }

  handles() {
    const focused = document.activeElement?.dataset?.corner;
    for (const old of this.root.querySelectorAll(".handle")) old.remove();
    const item = this.items[this.chosen];
    const corners = item && !this.tool && !("readonly" in this.root.dataset) ? item.corners : [];
    corners.forEach((corner, place) => this.root.append(this.handle(item, place)));
    if (focused !== undefined) this.root.querySelector(`[data-corner="${focused}"]`)?.focus();
  }

  handle(item, place) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = place === 0 ? "handle first" : "handle";
    button.dataset.corner = place;
    button.setAttribute("aria-label", `${this.root.dataset.corner} ${place + 1}`);
    const put = () => {
      button.style.left = `${item.corners[place][0] * 100}%`;
      button.style.top = `${item.corners[place][1] * 100}%`;
    };
    const move = (corner) => {
      item.corners[place] = corner;
      put();
      this.svg.replaceChild(this.redrawn(item), this.svg.querySelector(`[data-index="${this.chosen}"]`));
      this.on.changed(this.chosen);
    };
    button.addEventListener("pointerdown", (event) => button.setPointerCapture(event.pointerId));
    button.addEventListener("pointermove", (event) => {
      if (button.hasPointerCapture(event.pointerId)) move(this.at(event));
    });
    button.addEventListener("keydown", (event) => {
      const by = event.shiftKey ? FINE : STEP;
      const way = { ArrowLeft: [-by, 0], ArrowRight: [by, 0], ArrowUp: [0, -by], ArrowDown: [0, by] }[event.key];
      const [x, y] = item.corners[place];
      if (way) move([share(x + way[0]), share(y + way[1])]);
      else if (event.key === "Delete" && item.corners.length > (NEEDS[item.kind] ?? 3)) this.without(item, place);
      else if (event.key === "+" && !NEEDS[item.kind]) this.between(item, place);
      else return;
      event.preventDefault();
    });
    put();
    return button;
  }

  without(item, place) {
    item.corners.splice(place, 1);
    this.show();
    this.on.changed(this.chosen);
  }

  between(item, place) {
    const [a, b] = [item.corners[place], item.corners[(place + 1) % item.corners.length]];
    item.corners.splice(place + 1, 0, [share((a[0] + b[0]) / 2), share((a[1] + b[1]) / 2)]);
    this.show();
    this.on.changed(this.chosen);
  }

  redrawn(item) {
    const part = shape(item.kind, item.corners, !NEEDS[item.kind]);
    part.dataset.index = this.chosen;
    part.classList.add("chosen");
    return part;
  }
}

function shape(name, corners, ring) {
  const spot = corners.length === 1;
  const part = document.createElementNS(SVG, spot ? "path" : ring ? "polygon" : "polyline");
  part.setAttribute("class", name);
  if (spot) {
    const [x, y] = corners[0];
    part.setAttribute("d", `M${x - 0.012} ${y}H${x + 0.012}M${x} ${y - 0.02}V${y + 0.02}`);
  } else part.setAttribute("points", corners.map((corner) => corner.join(",")).join(" "));
  return part;
}
