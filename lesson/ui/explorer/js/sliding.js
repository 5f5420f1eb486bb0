// A window slides over an input: input, kernel with its arithmetic, and result side by side.
// The cell in hand is a target {on: "output" | "input" | "kernel", row, column}: what is pointed at,
// or else what is pinned, or else the window's own place, the `cursor`, which the timeline moves.

const SIDE = 24; // between the parts of the stage, in CSS pixels; as in the style sheet
const STACKED = 620; // narrower than this, the parts stand one below the other
const LARGEST_CELL = 84;
const LEAST_TYPE = 16; // of the arithmetic
const MOST_TYPE = 30;
const THUMB = 44; // the smallest side of a channel's map
const TRACED = 56; // the side of a map of a layer in front
const BEFORE = 88; // how wide the layers in front are; as in the style sheet
const LOWEST = 150; // the maps, however little room there is
const ZOOMS = [1, 2, 4];
const HELP =
  "Arrows move the window, on the input a pixel, on the kernel a weight. Space plays to the next " +
  "stop and pauses, N and P go to the next and the previous stop, Home and End to the first and " +
  "the last window. Enter edits a weight, Escape lets go and shows the whole result, plus and " +
  "minus zoom.";

class Sliding extends View {
  constructor(parent, kind) {
    super(parent, kind);
    this.channels = element("div", "channels", this.root);
    this.channels.setAttribute("role", "radiogroup");
    this.channels.setAttribute("aria-label", "Channel of the input");
    this.stage = element("div", "stage", this.root);
    this.stage.setAttribute("role", "group");
    this.before = element("div", "before", this.stage);
    this.input = new Pane(this, this.stage, "input");
    this.arithmetic = new Arithmetic(this, this.stage);
    this.part = new Pane(this, this.stage, "output");
    this.outputs = [];
    this.scope = button("Which scale the colours have", "", this.root, () => this.switchScope());
    this.scope.className = "scope";
    this.timeline = new Timeline(this, this.root);
    this.status = element("div", "status", this.root);
    this.status.setAttribute("aria-live", "polite");
    this.keys = element("p", "help", this.root);
    this.keys.textContent = HELP;
    this.keys.hidden = true;
    this.cursor = 0; // of the result, row after row
    this.partial = false; // whether the result is only filled up to the cursor
    this.moved = false; // whether the reader has moved the cursor
    this.pinned = null; // a target that stays when the pointer leaves
    this.hovered = null;
    this.zoom = 1;
    this.layerScale = false;
    this.root.addEventListener("keydown", (event) => this.key(event));
  }

  halt() {
    this.timeline.pause();
  }

  // ---- what the picture holds

  build() {
    const { picture, timeline } = this;
    timeline.pause();
    const role = (name) => picture.maps.filter((map) => map.role === name);
    for (const map of picture.maps) map.letters = longest(map);
    [this.inputs] = role("input");
    [this.weights] = role("kernel");
    [this.parts] = role("parts"); // of several channels only
    [this.sums] = role("sums"); // where an activation follows
    this.results = role("output");
    this.traced = role("before");
    const at = this.places?.at(this.cursor);
    this.places = new Places(picture, this.inputs, this.weights, this.results[0]);
    const channels = this.inputs.stack.length;
    // A channel that the reader chose stays, as long as it is there.
    if (changed(this.channels, channels, picture.channel)) this.channel = picture.channel;
    this.channel = Math.min(this.channel, channels - 1);
    if (this.moved && at.row < this.places.rows && at.column < this.places.columns) {
      this.cursor = at.row * this.places.columns + at.column;
    } else this.rest();
    if (this.pinned && !this.exists(this.pinned)) this.pinned = null;
    this.hovered = null;
    while (this.outputs.length > this.results.length) this.outputs.pop().figure.remove();
    while (this.outputs.length < this.results.length) {
      this.outputs.push(new Pane(this, this.stage, "output"));
    }
    this.stage.setAttribute("aria-label", picture.alt);
    this.root.classList.toggle("plot", Boolean(picture.plot));
    this.root.classList.toggle("pools", picture.operations[0] !== "convolution");
    this.part.figure.hidden = !this.parts;
    this.scope.hidden = picture.layerHigh === undefined;
    this.outputs[0].figure.append(this.scope);
    timeline.zooms.hidden = Boolean(picture.plot);
    timeline.measure(this.places.count, picture.stops);
    this.arithmetic.build(this.weights, picture.editable, picture.reset);
    this.describe();
    this.buildChannels();
    this.buildBefore();
  }

  // The panes that show a result, the part of a channel among them.
  get given() {
    return [...(this.parts ? [this.part] : []), ...this.outputs];
  }

  describe() {
    const { picture, colours, channel } = this;
    const plot = Boolean(picture.plot);
    const own = (map) => ({ ...map, values: map.stack[channel] });
    this.inputMap = own(this.inputs);
    this.weightMap = own(this.weights);
    if (this.parts) {
      this.inputMap.title = `${this.inputs.title}, channel ${channel + 1}`;
      this.partMap = { ...own(this.parts), title: `Part of channel ${channel + 1}` };
      this.part.describe(this.partMap, colours, plot);
    }
    this.input.describe(this.inputMap, colours, plot);
    this.results.forEach((map, i) => {
      const { layerHigh } = picture;
      const wide = this.layerScale && layerHigh ? { low: -layerHigh, high: layerHigh } : {};
      this.outputs[i].describe({ ...map, ...wide }, colours, plot);
    });
    this.scope.textContent = this.layerScale ? "Scale: the layer" : "Scale: this map";
  }

  // The window rests where there is most to see.
  rest() {
    this.cursor = this.picture.rest;
    this.partial = false;
  }

  exists({ on, row, column }) {
    const map = on === "input" ? this.inputs : this.weights;
    return row < map.rows && column < map.columns;
  }

  // Each channel: its map, its kernel, the part that it gives.
  buildChannels() {
    this.channels.hidden = !this.parts;
    if (!this.parts) return;
    const count = this.inputs.stack.length;
    if (this.thumbs?.length !== count) {
      this.channels.replaceChildren();
      this.thumbs = Array.from({ length: count }, (_, i) => {
        const made = element("button", "channel", this.channels);
        made.type = "button";
        made.setAttribute("role", "radio");
        made.addEventListener("click", () => this.choose(i));
        element("span", "name", made).textContent = i + 1;
        const boxes = [0, 1, 2].map(() => element("span", "thumb", made));
        return { made, boxes, value: element("span", "amount", made) };
      });
      this.strip = new Sheet(this.channels, "sheet"); // one for all channels
    }
    this.markChannel();
  }

  layoutChannels() {
    if (!this.parts) return;
    const { ratio, channels, strip } = this;
    const kinds = [this.inputs, this.weights, this.parts];
    const cells = kinds.map((map, n) => this.small(map, (n === 1 ? THUMB / 2 : THUMB) * enlarged));
    for (const { boxes } of this.thumbs) {
      boxes.forEach(({ style }, n) => {
        style.width = `${(kinds[n].columns * cells[n]) / ratio}px`;
        style.height = `${(kinds[n].rows * cells[n]) / ratio}px`;
      });
    }
    strip.resize(1, 1, ratio); // it must not hold the room open that it is about to fill
    const frame = channels.getBoundingClientRect();
    const places = this.thumbs.map(({ boxes }) => boxes.map((box) => box.getBoundingClientRect()));
    strip.resize(Math.round(channels.scrollWidth * ratio), Math.round(channels.scrollHeight * ratio), ratio);
    const draw = strip.blank();
    places.forEach((three, i) => three.forEach((box, n) => {
      const [x, y] = placeIn(frame, box, ratio);
      draw.save();
      draw.translate(x, y + Math.round(channels.scrollTop * ratio));
      this.paintSmall(draw, { ...kinds[n], values: kinds[n].stack[i] }, cells[n]);
      draw.restore();
    }));
    strip.clear();
  }

  // The size of a small map's cells in device pixels.
  small(map, side) {
    return Math.max(1, Math.ceil((side * this.ratio) / Math.max(map.rows, map.columns)));
  }

  paintSmall(draw, map, cell) {
    paintMap(draw, { ...map, numbers: false, marks: [] }, cell, this.ratio, this.colours);
  }

  markChannel() {
    this.thumbs.forEach(({ made }, i) => {
      made.setAttribute("aria-checked", i === this.channel);
      made.tabIndex = i === this.channel ? 0 : -1;
    });
  }

  choose(channel) {
    this.channel = Math.min(Math.max(channel, 0), this.inputs.stack.length - 1);
    this.describe();
    this.markChannel();
    this.relayout();
  }

  // The layers in front, small: the receptive field is drawn on them.
  buildBefore() {
    this.before.hidden = this.traced.length === 0;
    if (this.before.children.length !== this.traced.length) {
      this.before.replaceChildren();
      this.traces = this.traced.map(() => {
        const figure = element("figure", "", this.before);
        const title = element("figcaption", "", figure);
        const cells = element("div", "cells still", figure);
        return { title, sheet: new Sheet(cells) };
      });
    }
    this.traced.forEach((map, i) => write(this.traces[i].title, map.title));
  }

  layoutBefore() {
    this.traced.forEach((map, i) => {
      const trace = this.traces[i];
      trace.cell = this.small(map, TRACED * enlarged);
      trace.sheet.resize(map.columns * trace.cell, map.rows * trace.cell, this.ratio);
      this.paintSmall(trace.sheet.blank(), map, trace.cell);
    });
  }

  // ---- sizes

  // `less` is how much lower than usual it has to be.
  layout(less) {
    const { width, picture } = this;
    const stacked = width < STACKED || Boolean(picture.plot);
    this.root.classList.toggle("stacked", stacked);
    this.type = Math.min(MOST_TYPE * enlarged, Math.max(LEAST_TYPE * enlarged, width / 62));
    this.root.style.setProperty("--type", `${this.type}px`);
    // The products have a line of their own where there is room for it.
    this.root.classList.toggle("products", this.weights.rows <= 3);
    if (picture.plot) this.layoutPlot(less);
    else this.layoutMaps(stacked, less);
    this.layoutChannels();
    this.layoutBefore();
    this.light();
  }

  layoutPlot(less) {
    const { width, ratio, picture } = this;
    const cell = Math.max(1, Math.floor((width * ratio) / this.inputMap.columns));
    const one = Math.max(90, 0.17 * window.innerHeight) - less / (1 + this.outputs.length);
    const high = Math.round(Math.max(LOWEST / 2, one) * ratio);
    for (const pane of [this.input, ...this.outputs]) pane.paint(cell, 1, ratio, this.colours, high);
    const lead = picture.lead ?? (this.weights.columns - 1) / 2;
    this.outputs[0].figure.style.marginLeft = `${(lead * cell) / ratio}px`;
    this.arithmetic.root.style.width = "";
  }

  // The kernel takes what its numbers need, the maps share what is left of the width.
  layoutMaps(stacked, less) {
    const { width, ratio, picture, type } = this;
    const { columns: across } = this.weights;
    const letters = Math.max(this.inputs.letters, this.weights.letters, across <= 3 ? 5 : 4);
    const sign = across <= 4 ? 2 : 0; // the × in front of a weight
    const cellWidth = Math.max(Math.min(6, letters) + sign, this.parts ? 7 : 5) * type * DIGIT + 12;
    const middle = Math.max(across * cellWidth, 13 * type);
    const panes = [this.input, ...this.given];
    const maps = panes.map((pane) => pane.map);
    const share = shares(maps);
    const above = this.parts ? 100 * enlarged : 0;
    const usual = picture.height ?? Math.max(190, 0.52 * window.innerHeight - above);
    const limit = less ? this.lower(panes, stacked, less) : usual;
    const beside = this.traced.length && !stacked ? BEFORE * enlarged + SIDE : 0;
    const room = stacked ? width - 6 : width - beside - middle - (SIDE + 6) * maps.length;
    const sizes = (cell) => share.map((part) => Math.max(1, Math.round(cell * part)));
    const fits = (cell) => {
      const cells = sizes(cell);
      const edges = maps.map((map, i) => (map.columns * cells[i]) / ratio);
      const wide = stacked ? Math.max(...edges) : edges.reduce((sum, edge) => sum + Math.max(edge, 96), 0);
      return wide <= room && maps.every((map, i) => (map.rows * cells[i]) / ratio <= limit);
    };
    let cell = Math.round(LARGEST_CELL * ratio);
    while (cell > 1 && !fits(cell)) cell -= 1;
    const cells = sizes(cell);
    panes.forEach((pane, i) => pane.paint(cells[i], this.zoom, ratio, this.colours));
    const edges = panes.reduce((sum, pane) => sum + parseFloat(pane.figure.style.width) + SIDE, 0);
    const left = stacked ? width : Math.min(width - beside - edges, across * type * 5.5, 1.5 * middle);
    this.arithmetic.root.style.width = `${Math.max(middle, Math.floor(left))}px`;
    this.timeline.zoomOut.disabled = this.zoom === ZOOMS[0];
    this.timeline.zoomIn.disabled = this.zoom === ZOOMS.at(-1);
  }

  // How high the maps may be to save `less`; lower than the arithmetic beside them, they save nothing.
  lower(panes, stacked, less) {
    const now = Math.max(...panes.map(({ base }) => base.clientHeight));
    const around = Math.max(...panes.map(({ figure, base }) => figure.offsetHeight - base.clientHeight));
    const beside = stacked ? 0 : this.arithmetic.root.offsetHeight - around;
    return Math.max(LOWEST, now - less, beside);
  }

  zoomBy(change) {
    const at = ZOOMS.indexOf(this.zoom) + change;
    this.zoom = ZOOMS[Math.min(Math.max(at, 0), ZOOMS.length - 1)];
    this.relayout();
    this.reveal();
  }

  switchScope() {
    this.layerScale = !this.layerScale;
    this.describe();
    this.relayout();
  }

  help() {
    this.keys.hidden = !this.keys.hidden;
  }

  // ---- moving

  hover(pane, event) {
    if (event.pointerType === "mouse") {
      this.timeline.pause();
      this.pointAt(pane.at(event));
    } else if (event.buttons) {
      this.pin(pane.at(event));
    }
  }

  press(pane, event) {
    this.timeline.pause();
    this.pin(pane.at(event));
  }

  leave() {
    this.hovered = null;
    this.light();
  }

  pointAt(target) {
    const { hovered } = this;
    if (hovered && ["on", "row", "column"].every((name) => hovered[name] === target[name])) return;
    this.hovered = target;
    this.light();
  }

  // On the result a pin is the window's own place; elsewhere it holds until it is let go.
  pin(target) {
    this.moved = true;
    this.hovered = null;
    this.pinned = target.on === "output" ? null : target;
    if (target.on === "output") this.cursor = target.row * this.places.columns + target.column;
    this.light();
  }

  // The keyboard goes on where it was.
  focused({ on }) {
    if (!this.root.getRootNode().activeElement?.matches(":focus-visible")) return;
    this.hovered = null;
    if (on === "output") this.pinned = null;
    else if (this.pinned?.on !== on) this.pinned = { on, row: 0, column: 0 };
    this.light();
  }

  moveTo(place, filling = true) {
    this.moved = true;
    this.cursor = Math.min(Math.max(place, 0), this.places.count - 1);
    if (filling) this.partial = this.cursor < this.places.count - 1;
    this.pinned = this.hovered = null;
    this.light();
    this.reveal();
  }

  // Zoomed maps are scrolled to where the window is.
  reveal() {
    const { row, column } = this.places.at(this.cursor);
    const { top, left, bottom, right } = this.places.window({ row, column });
    this.input.reveal(top, left, bottom, right);
    for (const pane of this.given) pane.reveal(row, column, row + 1, column + 1);
  }

  whole() {
    this.timeline.pause();
    this.partial = false;
    this.pinned = this.hovered = null;
    this.light();
  }

  key(event) {
    const { target } = event;
    if (event.altKey || event.metaKey || event.ctrlKey || target.tagName === "SELECT") return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const arrow = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[key];
    const isRadio = target.getAttribute("role") === "radio";
    // Buttons and the timeline keep the keys that are theirs.
    if (target.tagName === "BUTTON" && [" ", "Enter"].includes(key)) return;
    if (target.type === "range" && (arrow || ["Home", "End"].includes(key))) return;
    const acts = {
      " ": () => this.timeline.toggle(),
      Home: () => this.timeline.go(0),
      End: () => this.timeline.go(this.places.count - 1),
      n: () => this.timeline.nextStop(1),
      p: () => this.timeline.nextStop(-1),
      "+": () => this.zoomBy(1),
      "=": () => this.zoomBy(1),
      "-": () => this.zoomBy(-1),
      Escape: () => this.whole(),
      Enter: () => this.pinned?.on === "kernel" && this.arithmetic.edit(this.pinned.row, this.pinned.column),
    };
    if (arrow && isRadio) {
      this.choose(this.channel + arrow[0] + arrow[1]);
      this.thumbs[this.channel].made.focus();
    } else if (arrow) {
      this.walk(target, ...arrow);
    } else if (acts[key]) {
      acts[key]();
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  }

  // Arrows move what has the focus: a pixel, a weight, or the window.
  walk(focus, down, across) {
    this.timeline.pause();
    const { columns, count } = this.places;
    const on = { [true]: "output", [focus === this.input.cells]: "input", [focus === this.arithmetic.kernel]: "kernel" }.true;
    if (on === "output") {
      // Left and right go on in the next row, as reading does.
      const place = this.cursor + down * columns + across;
      if (place >= 0 && place < count) this.moveTo(place, this.partial);
      return;
    }
    const map = on === "input" ? this.inputs : this.weights;
    const from = this.pinned?.on === on ? this.pinned : { row: 0, column: 0 };
    const within = (value, size) => Math.min(Math.max(value, 0), size - 1);
    const row = within(from.row + down, map.rows);
    const column = within(from.column + across, map.columns);
    this.pin({ on, row, column });
    if (on === "input") this.input.reveal(row, column, row + 1, column + 1);
  }

  // ---- the one place where what is lit changes

  light() {
    if (!this.width) return;
    const own = { on: "output", ...this.places.at(this.cursor) };
    const target = this.hovered ?? this.pinned ?? own;
    this.target = target;
    for (const pane of [this.input, ...this.given]) pane.clear();
    this.veilFuture(own);
    this.root.dataset.target = `${target.on} ${target.row} ${target.column}`;
    const name = this.picture.plot
      ? `${this.cursor + 1} of ${this.places.count}`
      : this.places.resultName(own.row, own.column);
    this.timeline.show(this.cursor, name);
    this.timeline.whole.disabled = !this.partial && !this.pinned;
    if (target.on === "output") this.lightOutput(target);
    else if (target.on === "input") this.lightInput(target);
    else this.lightKernel(target);
    const said = [this.arithmetic.write(target)];
    if (target.on === "output") {
      const reason = this.timeline.reason(target.row * this.places.columns + target.column);
      if (reason) said.push(`This is ${reason}.`);
      this.showParts(target);
    }
    said.push(this.trace());
    // Spoken when the window stands still, not while it runs.
    this.status.setAttribute("aria-live", this.timeline.playing ? "off" : "polite");
    const text = said.filter(Boolean).join(" ");
    this.say(text[0].toUpperCase() + text.slice(1));
  }

  // While the window is on its way, what it has not met yet is not there yet.
  veilFuture({ row, column }) {
    if (!this.partial) return;
    const { rows, columns } = this.places;
    for (const pane of this.given) {
      pane.fill(column + 1, row, columns, row + 1, this.colours.zeroColour);
      pane.fill(0, row + 1, columns, rows, this.colours.zeroColour);
    }
  }

  lightOutput({ row, column }) {
    const { colours, input, places } = this;
    const { top, left, bottom, right } = places.window({ row, column });
    const tied = !input.plot && input.cell / input.ratio >= 7;
    input.box(left, top, right, bottom, colours.windowColour, colours, tied);
    if (tied) {
      places.each((i, j) => {
        const [y, x] = places.meets(i, j, row, column);
        input.tie(y, x, hue(i, j, places.down, places.across));
      });
    }
    for (const pane of this.given) {
      pane.box(column, row, column + 1, row + 1, colours.resultColour, colours);
    }
  }

  lightInput({ row, column }) {
    const { colours, places } = this;
    const fed = [];
    places.each((i, j) => {
      const to = places.fed(i, j, row, column);
      if (to) fed.push([...to, hue(i, j, places.down, places.across)]);
    });
    for (const pane of this.given) {
      pane.spare(fed, colours);
      for (const [y, x, colour] of fed) {
        if (pane.plot || pane.cell / pane.ratio < 6) pane.box(x, y, x + 1, y + 1, colour, colours);
        else pane.tie(y, x, colour);
      }
    }
    this.input.box(column, row, column + 1, row + 1, colours.windowColour, colours);
  }

  lightKernel({ row, column }) {
    const { colours, places } = this;
    const met = this.met(row, column);
    this.input.spare(met, colours);
    const [[top, left], [bottom, right]] = [met[0], met.at(-1)];
    const colour = hue(row, column, places.down, places.across);
    this.input.box(left, top, right + 1, bottom + 1, colour, colours);
  }

  // Every cell of the input that a cell of the kernel meets.
  met(i, j) {
    const { places } = this;
    return Array.from({ length: places.count }, (_, place) => {
      const { row, column } = places.at(place);
      return places.meets(i, j, row, column);
    });
  }

  // What each channel adds to the cell in hand.
  showParts({ row, column }) {
    if (!this.parts) return;
    const place = row * this.places.columns + column;
    this.thumbs.forEach(({ value, made }, i) => {
      const amount = figureText(this.parts.stack[i][place], 2);
      value.textContent = amount;
      made.ariaLabel = `Channel ${i + 1}, part ${amount}`;
    });
  }

  // The receptive field of the cell in hand, drawn on every layer in front; said in a sentence.
  trace() {
    if (!this.traced.length) return "";
    const { on, row, column } = this.target;
    const [top, right, bottom, left] = this.inputs.padding;
    const { strides, dilation, down, across } = this.places;
    const [height, width] = [this.inputs.rows - top - bottom, this.inputs.columns - left - right];
    const own = [
      { size: down, strides: strides[0], before: top, dilation: dilation[0] },
      { size: across, strides: strides[1], before: left, dilation: dilation[1] },
    ];
    // What the cell sees of the input; a cell of the input itself may lie in the padding.
    const one = (at, count) => [Math.max(0, at), Math.min(count, at + 1)];
    let [rows, columns] = on === "output"
      ? [backward(own[0], [row, row + 1], height), backward(own[1], [column, column + 1], width)]
      : [one(row - top, height), one(column - left, width)];
    const seen = [];
    for (let i = this.traced.length - 1; i >= 0; i -= 1) {
      const { sheet, cell } = this.traces[i];
      const draw = sheet.clear();
      if (on === "kernel") continue;
      const [size, strides, leadRows, leadColumns, dilation] = this.picture.before[i];
      rows = backward({ size, strides, before: leadRows, dilation }, rows, this.traced[i].rows);
      columns = backward({ size, strides, before: leadColumns, dilation }, columns, this.traced[i].columns);
      seen.unshift([rows[0], columns[0], rows[1], columns[1]]);
      if (rows[0] >= rows[1] || columns[0] >= columns[1]) continue;
      outline(draw, columns[0], rows[0], columns[1], rows[1], cell, this.ratio, this.colours.windowColour, this.colours);
    }
    this.root.dataset.trace = JSON.stringify(seen);
    if (!seen.length) return "";
    const [a, b, c, d] = seen[0];
    if (a >= c || b >= d) return "It sees nothing of the digit, only padding.";
    return `It sees ${c - a}×${d - b} pixels of the digit: rows ${a} to ${c - 1}, columns ${b} to ${d - 1}.`;
  }
}

// Maps of about one size share the cell, so that what the window takes off the border can be seen;
// a much smaller result has larger cells.
function shares(maps) {
  const side = maps.map((map) => Math.max(map.rows, map.columns));
  const most = Math.max(...side);
  return side.map((one) => Math.max(1, (0.62 * most) / one));
}

KINDS.sliding = Sliding;
