// The controls below the stage: step, play to the next stop, drag, zoom. The timeline says where the
// window shall go; the view moves it.

const SPEEDS = { slow: 3, medium: 15, fast: 90 }; // windows a second
const STILL = 1500; // milliseconds from stop to stop where motion is not wanted
const ICONS = {
  first: "M4 5h3v14H4zM20 5L9 12l11 7z",
  back: "M17 5l-10 7 10 7z",
  play: "M7 4l13 8-13 8z",
  pause: "M7 5h4v14H7zM14 5h4v14h-4z",
  step: "M7 5l10 7-10 7z",
  stop: "M4 5l11 7-11 7zM17 5h3v14h-3z",
};
function icon(name) {
  const svg = `<svg viewBox="0 0 24 24" aria-hidden="true"><path d="${ICONS[name]}"/></svg>`;
  const holder = document.createElement("span");
  holder.innerHTML = svg;
  return holder.firstChild;
}

function button(label, name, parent, act) {
  const made = element("button", "", parent);
  made.type = "button";
  made.title = made.ariaLabel = label;
  if (name) made.append(icon(name));
  else made.textContent = label;
  made.addEventListener("click", act);
  return made;
}

class Timeline {
  // `view` has moveTo(place), whole(), zoomBy(change), help().
  constructor(view, parent) {
    this.view = view;
    this.place = 0;
    this.count = 1;
    this.stops = [];
    this.playing = false;
    const bar = element("div", "controls", parent);
    const steps = element("div", "buttons", bar);
    button("First window (Home)", "first", steps, () => this.go(0));
    button("Step back (left arrow)", "back", steps, () => this.go(this.place - 1));
    this.play = button("Play to the next stop (Space)", "play", steps, () => this.toggle());
    this.play.classList.add("play");
    this.playLabel = element("span");
    button("Step (right arrow)", "step", steps, () => this.go(this.place + 1));
    button("Next stop (N)", "stop", steps, () => this.nextStop(1));
    const line = element("div", "line", bar);
    this.range = element("input", "", line);
    Object.assign(this.range, { type: "range", min: 0, step: 1, ariaLabel: "Place of the window" });
    this.range.addEventListener("input", () => this.go(Number(this.range.value)));
    this.ticks = element("div", "ticks", line);
    this.name = element("span", "count", bar);
    this.speed = element("select", "", bar);
    this.speed.ariaLabel = "Speed";
    for (const name of Object.keys(SPEEDS)) {
      const option = element("option", "", this.speed);
      option.value = option.textContent = name;
    }
    this.speed.value = "medium";
    this.zooms = element("div", "buttons", bar);
    this.zoomOut = button("Zoom out (−)", "", this.zooms, () => view.zoomBy(-1));
    this.zoomOut.textContent = "−";
    this.zoomIn = button("Zoom in (+)", "", this.zooms, () => view.zoomBy(1));
    this.zoomIn.textContent = "+";
    this.whole = button("Whole result (Escape)", "", bar, () => view.whole());
    this.whole.textContent = "Whole result";
    button("What the keys do", "", bar, () => view.help()).textContent = "?";
    this.showPlaying();
  }

  // The places of a new picture, and the stops among them: [place, why].
  measure(count, stops) {
    this.count = count;
    this.stops = stops;
    this.range.max = count - 1;
    this.range.disabled = count < 2;
    if (!changed(this.ticks, stops, count)) return;
    this.ticks.replaceChildren();
    for (const [place, says] of stops) {
      const tick = element("button", "tick", this.ticks);
      tick.type = "button";
      tick.tabIndex = -1; // the keyboard has N and P for them
      tick.setAttribute("aria-hidden", "true");
      tick.title = says;
      tick.style.left = `${(100 * place) / Math.max(1, count - 1)}%`;
      tick.addEventListener("click", () => this.go(place));
    }
  }

  show(place, name) {
    this.place = place;
    this.range.value = place;
    this.range.setAttribute("aria-valuetext", name);
    write(this.name, name);
  }

  // Why a place is worth a stop; undefined where it is none.
  reason(place) {
    return this.stops.find(([at]) => at === place)?.[1];
  }

  go(place) {
    this.pause();
    this.view.moveTo(place);
  }

  nextStop(way) {
    const places = this.stops.map(([place]) => place);
    // On its way the window goes on; before, it begins at the first stop.
    const from = this.view.partial || way < 0 ? this.place : -1;
    const next = way > 0
      ? places.find((place) => place > from) ?? places[0]
      : places.findLast((place) => place < from) ?? places.at(-1);
    this.go(next);
  }

  toggle() {
    if (this.playing) this.pause();
    else this.start();
  }

  // Played motion ends at each stop: there is something to say there.
  start() {
    if (!this.view.partial || this.place >= this.count - 1) this.view.moveTo(0);
    this.playing = true;
    this.showPlaying();
    const stop = this.stops.find(([place]) => place > this.place)?.[0] ?? this.count - 1;
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) {
      this.timer = setTimeout(() => this.arrive(stop), STILL);
      return;
    }
    let last = performance.now();
    const tick = (now) => {
      const steps = Math.floor(((now - last) / 1000) * SPEEDS[this.speed.value]);
      if (steps > 0) {
        last = now;
        const place = Math.min(this.place + steps, stop);
        if (place >= stop) {
          this.arrive(stop);
          return;
        }
        this.view.moveTo(place);
      }
      this.frame = requestAnimationFrame(tick);
    };
    this.frame = requestAnimationFrame(tick);
  }

  arrive(stop) {
    this.pause();
    this.view.moveTo(stop);
  }

  pause() {
    if (!this.playing) return;
    this.playing = false;
    cancelAnimationFrame(this.frame);
    clearTimeout(this.timer);
    this.showPlaying();
  }

  showPlaying() {
    this.play.replaceChildren(icon(this.playing ? "pause" : "play"), this.playLabel);
    this.playLabel.textContent = this.playing ? "Pause" : "Play";
    this.play.title = this.play.ariaLabel =
      this.playing ? "Pause (Space)" : "Play to the next stop (Space)";
  }
}
