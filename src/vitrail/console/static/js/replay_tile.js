// One camera of a replay.

/** One camera: draws the picture that the clock asks for; a click chooses a place on it. */
export function tile(figure, root, state, pictures) {
  const canvas = figure.querySelector("canvas");
  const wait = figure.querySelector(".wait");
  const off = figure.querySelector(".off");
  const pen = canvas.getContext("2d");
  const camera = figure.dataset.camera;
  const made = { figure, camera, spot: null, shown: null, shown_us: null };
  let drawn;
  made.draw = () => {
    const facts = state.scene.cameras.find((c) => c.id === camera);
    const inside = facts.spans.some(([a, b]) => a <= state.t && state.t < b);
    const picture = inside ? pictures.picture(camera, state.t + facts.offset_us) : null;
    made.shown_us = picture ? picture.us - facts.offset_us : null;
    off.textContent = `± ${(facts.uncertainty_us / 1e6).toFixed(2)} s${facts.offset_us ? ` (${(facts.offset_us / 1e6).toFixed(2)} s)` : ""}`;
    wait.textContent = !inside ? root.dataset.gap : picture?.exact === false ? root.dataset.loading : "";
    const now = picture ? picture.bitmap : inside ? made.shown : null;
    if (now === drawn && !made.dirty) return;
    drawn = now;
    made.dirty = false;
    made.shown = now;
    pen.fillStyle = "#05070a";
    pen.fillRect(0, 0, canvas.width, canvas.height);
    if (!now) return;
    if (canvas.width !== now.width || canvas.height !== now.height) {
      canvas.width = now.width;
      canvas.height = now.height;
    }
    pen.drawImage(now, 0, 0);
    if (!made.spot) return;
    pen.strokeStyle = "#ffb84d";
    pen.lineWidth = 3;
    pen.beginPath();
    pen.arc(made.spot.x * canvas.width, made.spot.y * canvas.height, 10, 0, 7);
    pen.stroke();
  };
  canvas.addEventListener("click", (event) => {
    const { left, top, width, height } = canvas.getBoundingClientRect();
    made.spot = { x: (event.clientX - left) / width, y: (event.clientY - top) / height };
    made.dirty = true;
    choose(figure);
  });
  figure.addEventListener("focus", () => choose(figure));
  return made;
}

export function choose(figure) {
  for (const other of document.querySelectorAll(".tile")) other.classList.toggle("chosen", other === figure);
}
