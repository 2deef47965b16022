// Masked pictures by camera and wall time: packs of every picture near the clock, key pictures of the minute for quick
// travel, and single key pictures while somebody drags.

const HEAD = 8;
const ROW = 12;
const AT_ONCE = 2; // as many as the machine masks at a time
const KEPT = 96;
const QUICK = 3; // faster than this, key pictures do

export class Pictures {
  constructor(base, state, { post }) {
    Object.assign(this, { base, state, post });
    this.packs = new Map(); // `${camera} ${kind} ${start}` -> {frames, state}
    this.bitmaps = new Map(); // frame -> ImageBitmap
    this.glances = new Map(); // camera -> {us, wall, bitmap}
    this.busy = new Map(); // camera -> the moment asked for next
    this.running = 0;
    this.positions = 0; // how many glances came back
    this.viewing = this.open();
  }

  async open() {
    const said = await this.post(`${this.base}/viewing`);
    this.ends = said.ends_us;
    this.token = said.viewing;
    return said.viewing;
  }

  leave() {
    if (this.token) this.post(`${this.base}/viewing/${this.token}/end`, { keepalive: true });
  }

  async path(camera, rest) {
    let token = await this.viewing;
    if (!token || Date.now() * 1000 > this.ends - 5e6) token = await (this.viewing = this.open());
    return `${this.base}/viewing/${token}/${encodeURIComponent(camera)}/${rest}`;
  }

  /** The newest picture at or before `wall`: exact from a pack, else the best there is. */
  picture(camera, wall) {
    const full = this.find(camera, "full", wall);
    if (full) return { ...full, exact: true };
    const key = this.find(camera, "keys", wall);
    const glance = this.glances.get(camera);
    const seen = glance && glance.us <= wall && (!key || glance.us > key.us) ? glance : key;
    return seen ? { ...seen, exact: this.state.speed > QUICK } : null;
  }

  find(camera, kind, wall) {
    const length = this.state.scene[`${kind}_us`];
    const start = Math.floor(wall / length) * length;
    for (const from of kind === "keys" ? [start, start - length] : [start]) {
      const pack = this.packs.get(`${camera} ${kind} ${from}`);
      if (!pack?.frames) continue;
      const frame = pack.frames.findLast((each) => each.us <= wall);
      if (!frame) continue;
      pack.used = performance.now();
      const bitmap = this.bitmap(frame);
      if (bitmap) return { us: frame.us, bitmap };
    }
    return null;
  }

  /** Decoded when first needed, with its next ones; null until it is there. */
  bitmap(frame) {
    for (let each = frame, n = 0; each && n < 6; each = each.next, n += 1) this.decode(each);
    return frame.bitmap ?? null;
  }

  decode(frame) {
    if (frame.bitmap || frame.decoding) return;
    frame.decoding = true;
    createImageBitmap(frame.blob).then((bitmap) => {
      frame.bitmap = bitmap;
      this.bitmaps.set(frame, bitmap);
      if (this.bitmaps.size > 400) this.forget();
    });
  }

  forget() {
    for (const [frame, bitmap] of this.bitmaps) {
      if (this.bitmaps.size <= 250) return;
      this.bitmaps.delete(frame);
      frame.bitmap = null;
      frame.decoding = false;
      setTimeout(() => bitmap.close(), 1000); // it may still be on a tile
    }
  }

  /** Called at every picture: orders what the clock will need soon, nearest first. */
  tend(cameras) {
    const { state } = this;
    const kind = state.speed > QUICK ? "keys" : "full";
    const length = state.scene[`${kind}_us`];
    for (const ahead of state.playing ? [0, 1, 2] : [0]) {
      for (const camera of cameras) {
        const facts = state.scene.cameras.find((c) => c.id === camera);
        const t = state.t + ahead * length;
        if (!facts.spans.some(([a, b]) => a < t + length && t < b)) continue;
        if (ahead === 0 && kind === "full" && state.playing) this.load(camera, "keys", t + facts.offset_us);
        this.load(camera, kind, t + facts.offset_us);
      }
    }
  }

  load(camera, kind, wall) {
    const length = this.state.scene[`${kind}_us`];
    const start = Math.floor(wall / length) * length;
    const key = `${camera} ${kind} ${start}`;
    const known = this.packs.get(key);
    const stale = known?.growing && performance.now() - known.at > 3000;
    if ((known && !stale) || this.running >= AT_ONCE) return;
    const pack = { frames: known?.frames, at: performance.now(), used: performance.now() };
    this.packs.set(key, pack);
    this.running += 1;
    this.fetch(camera, kind, start)
      .then((frames) => {
        pack.frames = frames;
        pack.growing = start + length > Date.now() * 1000 - 20e6 || !frames;
      })
      .catch(() => this.packs.delete(key))
      .finally(() => (this.running -= 1));
    if (this.packs.size > KEPT) {
      const [oldest] = [...this.packs].sort((a, b) => a[1].used - b[1].used)[0];
      this.packs.delete(oldest);
    }
  }

  async fetch(camera, kind, start) {
    const answer = await fetch(await this.path(camera, `pack?us=${start}&width=640${kind === "keys" ? "&keys=true" : ""}`));
    if (answer.status === 404) return null;
    if (!answer.ok) throw new Error(answer.statusText);
    const data = await answer.arrayBuffer();
    const view = new DataView(data);
    const count = view.getUint32(4);
    let at = HEAD + count * ROW;
    const frames = [];
    for (let n = 0; n < count; n += 1) {
      const length = view.getUint32(HEAD + n * ROW + 8);
      const us = Number(view.getBigInt64(HEAD + n * ROW));
      frames.push({ us, blob: new Blob([data.slice(at, at + length)], { type: "image/jpeg" }) });
      at += length;
    }
    frames.forEach((frame, n) => (frame.next = frames[n + 1]));
    return frames;
  }

  /** Key pictures of the moment on all cameras, the latest asked for first; what is asked meanwhile replaces it. */
  glance(cameras) {
    for (const camera of cameras) {
      const facts = this.state.scene.cameras.find((c) => c.id === camera);
      if (!facts.spans.some(([a, b]) => a <= this.state.t && this.state.t < b)) continue;
      const wall = Math.floor(this.state.t + facts.offset_us);
      const asked = this.busy.has(camera);
      this.busy.set(camera, wall);
      if (!asked) this.look(camera);
    }
  }

  async look(camera) {
    for (let wall = this.busy.get(camera); wall !== undefined; ) {
      try {
        const answer = await fetch(await this.path(camera, `at.jpg?us=${wall}&width=480`));
        if (answer.ok) {
          const bitmap = await createImageBitmap(await answer.blob());
          this.glances.set(camera, { us: Number(answer.headers.get("X-Wall-Us")), bitmap });
          this.positions += 1;
        }
      } catch {
        // the next one may come
      }
      const next = this.busy.get(camera);
      if (next === wall) break;
      wall = next;
    }
    this.busy.delete(camera);
  }

  /** The moment of the next or last picture of a camera, so that a step is one picture. */
  neighbour(camera, t, by) {
    const facts = this.state.scene.cameras.find((c) => c.id === camera);
    const wall = t + facts.offset_us;
    const length = this.state.scene.full_us;
    const near = [-1, 0, 1].flatMap((n) => {
      return this.packs.get(`${camera} full ${(Math.floor(wall / length) + n) * length}`)?.frames ?? [];
    });
    const found = by > 0 ? near.find((f) => f.us > wall) : near.findLast((f) => f.us < wall - 1);
    return found ? found.us - facts.offset_us : t + by * 40_000;
  }
}
