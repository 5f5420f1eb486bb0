// The whole network on one screen: a column of maps for each layer, read from left to right.
// Pointing at a pixel boxes what it sees in every layer before and what it reaches behind.

const LEAST_MAP = 48; // a side of a map, in CSS pixels: less is lost on a projector
const MOST_MAP = 168;
const MAP_GAP = 2;
const EDGE = 3; // on either side of all, so that lines around a column are whole
const LEAST_GAP = 7; // between two layers
const MOST_GAP = 44;
const LEAST_UNIT = 13; // the height of a Dense unit
const LOW = 456; // of all columns, where the screen is
const LOWEST = 300; // however little room there is
const AROUND = 220; // what the page and this picture need above and below all columns
const NETWORK_HINT =
  "Point at a map or a pixel to see what feeds it; a click opens it. Arrow keys move from map to "
  + "map, with Shift from pixel to pixel, and Enter opens.";

// The reader's choice of colours holds for all networks until the page is left.
let colourScope = "layer";

const isEmpty = (box) => box.rows[0] >= box.rows[1] || box.columns[0] >= box.columns[1];

// "rows 4–13 and columns 8–17", one number where there is but one.
function span(name, [first, behind]) {
  return behind - first === 1 ? `${name} ${first}` : `${name}s ${first}–${behind - 1}`;
}

function sureness(share) {
  if (share > 0.9995) return ">99.9%";
  return share < 0.0005 ? "<0.1%" : `${(100 * share).toFixed(1)}%`;
}

class Network extends View {
  constructor(parent, kind) {
    super(parent, kind);
    this.scroller = element("div", "scroller", this.root);
    this.stage = element("div", "stage", this.scroller);
    this.heads = element("div", "heads", this.stage);
    this.units = element("div", "units", this.stage);
    this.units.setAttribute("role", "group");
    this.sheet = new Sheet(this.stage, "sheet");
    this.sheet.canvas.setAttribute("aria-hidden", "true");
    const below = element("div", "below", this.root);
    this.status = element("div", "status", below);
    this.status.setAttribute("aria-live", "polite");
    this.tools = element("div", "tools", below);
    this.makeScope();
    this.legend = element("div", "legend", this.tools);
    this.bar = element("div", "bar", this.legend);
    this.ends = element("div", "ends", this.legend);
    this.home = { layer: 0, unit: 0 };
    this.at = null;
    this.stage.addEventListener("pointermove", (event) => this.pointer(event));
    this.stage.addEventListener("pointerdown", (event) => this.pointer(event));
    this.stage.addEventListener("pointerleave", (event) => {
      if (event.pointerType === "mouse") this.point(null);
    });
    this.stage.addEventListener("keydown", (event) => this.key(event));
  }

  // Whether a map's colours end at its own largest value or at that of its layer.
  makeScope() {
    const scope = element("fieldset", "scope", this.tools);
    element("legend", "", scope).textContent = "Colours up to the largest value of";
    for (const [value, text] of [["layer", "the layer"], ["map", "each map"]]) {
      const label = element("label", "", scope);
      const input = element("input", "", label);
      input.type = "radio";
      input.name = "scope";
      input.value = value;
      input.checked = value === colourScope;
      label.append(text);
      input.addEventListener("change", () => {
        colourScope = value;
        this.paintAll();
        this.point(this.at);
      });
    }
  }

  build() {
    const { layers, maps, alt } = this.picture;
    for (const layer of layers) {
      if (layer.map === undefined) continue;
      layer.values = maps[layer.map].stack;
      layer.most = maps[layer.map].high;
      const { rows, columns, count } = maps[layer.map];
      // A layer of units is a row of cells, one value each.
      layer.isMaps = layer.kind === "maps";
      layer.count = layer.isMaps ? (count ?? 1) : columns;
      layer.rows = layer.isMaps ? rows : 1;
      layer.columns = layer.isMaps ? columns : 1;
    }
    this.layers = layers;
    this.units.setAttribute("aria-label", alt);
    // Names and buttons stay, with the focus that may be in them, as long as the layers do.
    if (changed(this.units, layers.map(({ name, shape }) => [name, shape]))) this.makeUnits();
    this.nameClasses();
    this.legend.hidden = false;
    this.describeScale();
  }

  makeUnits() {
    this.heads.replaceChildren();
    this.units.replaceChildren();
    this.at = null;
    for (const [index, layer] of this.layers.entries()) {
      layer.head = element("div", layer.kind === "flatten" ? "flat" : "head", this.heads);
      if (layer.kind === "flatten") {
        layer.head.textContent = `${layer.name}: ${layer.shape} values in one row`;
      } else {
        element("b", "", layer.head).textContent = layer.name;
        element("span", "", layer.head).textContent = layer.shape;
      }
      const group = element("div", "", this.units);
      group.setAttribute("role", "group");
      group.setAttribute("aria-label", `${layer.name}, ${layer.shape}`);
      layer.buttons = Array.from({ length: layer.count ?? 0 }, (_, unit) => {
        const button = element("button", "unit", group);
        button.type = "button";
        button.tabIndex = -1;
        button.setAttribute("aria-label", this.nameOf(layer, unit));
        button.addEventListener("click", () => this.open(index, unit));
        button.addEventListener("focus", () => {
          this.home = { layer: index, unit };
          if (button.matches(":focus-visible")) this.point({ layer: index, unit });
        });
        button.addEventListener("blur", () => this.point(null));
        return button;
      });
    }
    this.kept = this.layers.map(({ head, buttons }) => ({ head, buttons }));
    this.home = { layer: 0, unit: 0 };
    this.rove();
  }

  nameClasses() {
    this.layers.forEach((layer, i) => Object.assign(layer, this.kept[i]));
    const last = this.layers.at(-1);
    if (last.kind !== "classes") return;
    last.buttons.forEach((button, digit) => {
      const share = sureness(last.values[0][digit]);
      button.setAttribute("aria-label", `${this.nameOf(last, digit)}: ${share}`);
    });
  }

  nameOf(layer, unit) {
    if (layer.role === "input") return layer.name;
    const word = { maps: "map", units: "unit", classes: "digit" }[layer.kind];
    return `${layer.name}, ${word} ${layer.kind === "classes" ? unit : unit + 1}`;
  }

  describeScale(layer, unit) {
    const tenths = Array.from({ length: 11 }, (_, i) => Math.round((i / 10) * STEPS));
    const steps = tenths.map((step) => `rgb(${this.colours.diverging[step]})`);
    if (changed(this.bar, steps)) {
      this.bar.style.background = `linear-gradient(to right, ${steps.join(", ")})`;
    }
    const high = layer && end(this.highOf(layer, unit));
    const texts = high ? [`−${high}`, "0", high] : ["−largest", "0", "largest"];
    if (!changed(this.ends, texts)) return;
    this.ends.replaceChildren(...texts.map((text) => {
      const made = element("span");
      made.textContent = text;
      return made;
    }));
  }

  highOf(layer, unit) {
    if (colourScope === "layer" || !layer.isMaps) return layer.most;
    let high = 0;
    for (const value of layer.values[unit]) high = Math.max(high, Math.abs(value));
    return Number.isFinite(high) && high > 0 ? high : layer.most;
  }

  // ---- where everything stands ----------------------------------------------------------------

  // Another digit moves nothing: places are worked out again only where something else changed.
  layout(less) {
    const shapes = this.layers.map(({ name, shape }) => [name, shape]);
    const { width, ratio, picture } = this;
    const known = [shapes, width, ratio, picture.height, window.innerHeight, enlarged];
    if (changed(this.stage, known)) this.place(0);
    if (less) this.place(less);
    this.layers.forEach((layer, i) => Object.assign(layer, this.placed[i]));
    this.paintAll();
    this.point(this.at);
  }

  // `less` is how much lower than usual it has to be.
  place(less) {
    this.names = this.layers[0].head.offsetHeight + 4; // two lines above each column
    const room = window.innerHeight - AROUND - this.names;
    const usual = this.picture.height ?? Math.max(LOW, room);
    const limit = less ? Math.max(LOWEST, this.stage.clientHeight - this.names - less) : usual;
    let edge = MOST_MAP;
    let places = this.places(edge, limit);
    while (edge > LEAST_MAP && places.width > this.width) places = this.places((edge -= 1), limit);
    const gaps = this.layers.length - 1;
    const gap = Math.min(MOST_GAP, LEAST_GAP + Math.max(0, this.width - places.width) / gaps);
    let x = EDGE;
    this.placed = places.columns.map((column, i) => {
      const below = this.layers[i].role === "input" ? (places.height - column.height) / 2 : 0;
      const placed = { ...column, x: this.whole(x), y: this.whole(this.names + below) };
      x += column.width + gap;
      return placed;
    });
    const [width, height] = [Math.ceil(x - gap) + EDGE, this.names + places.height + 2];
    this.stage.style.width = `${width}px`;
    this.stage.style.height = `${height}px`;
    const { ratio } = this;
    this.sheet.resize(Math.round(width * ratio), Math.round(height * ratio), ratio);
    this.layers.forEach((layer, i) => Object.assign(layer, this.placed[i]));
    this.placeHeads(width);
    this.layers.forEach((layer) => layer.buttons.forEach((button, unit) => {
      const box = this.boxOf(layer, unit);
      const { style } = button;
      style.left = `${box.x}px`;
      style.top = `${box.y}px`;
      style.width = `${box.width}px`;
      style.height = `${box.height}px`;
    }));
  }

  whole(length) {
    return Math.round(length * this.ratio) / this.ratio;
  }

  // The size of every column with maps of about `edge`, in as many rows as `limit` has room for.
  places(edge, limit) {
    const { ratio } = this;
    const columns = this.layers.map((layer) => {
      if (!layer.isMaps) return null;
      const side = Math.max(layer.rows, layer.columns);
      // Whole device pixels, so that all cells are equally large.
      const least = Math.ceil((LEAST_MAP * ratio) / side);
      const cell = Math.max(least, Math.floor((edge * ratio) / side)) / ratio;
      const [wide, high] = [layer.columns * cell, layer.rows * cell];
      const fit = Math.max(1, Math.floor((limit + MAP_GAP) / (high + MAP_GAP)));
      const across = Math.ceil(layer.count / fit);
      const down = Math.ceil(layer.count / across);
      return {
        cell, across, wide, high, gap: MAP_GAP,
        width: across * (wide + MAP_GAP) - MAP_GAP, height: down * (high + MAP_GAP) - MAP_GAP,
      };
    });
    const heights = columns.filter(Boolean).map((column) => column.height);
    const height = Math.max(Math.min(limit, LOW), ...heights);
    this.layers.forEach((layer, i) => {
      columns[i] ??= this.placeUnits(layer, height, edge);
    });
    const width = columns.reduce((sum, column) => sum + column.width + LEAST_GAP, 2 * EDGE - LEAST_GAP);
    return { columns, width, height };
  }

  placeUnits(layer, height, edge) {
    if (layer.kind === "flatten") return { width: 22 * enlarged, height, across: 1 };
    if (layer.kind === "classes") {
      const high = height / layer.count;
      const wide = Math.max(70, Math.min(130, 1.4 * high)) * enlarged;
      return { across: 1, wide, high, gap: 0, width: wide, height };
    }
    const across = Math.ceil(layer.count / Math.floor(height / LEAST_UNIT));
    const down = Math.ceil(layer.count / across);
    const high = Math.min(44, this.whole(height / down - 0.5));
    const wide = Math.max(16, Math.ceil(edge / 2 / across));
    return { across, wide, high, gap: 0, width: across * wide, height: down * high };
  }

  boxOf(layer, unit) {
    const [row, column] = [Math.floor(unit / layer.across), unit % layer.across];
    return {
      x: layer.x + column * (layer.wide + layer.gap),
      y: layer.y + row * (layer.high + layer.gap),
      width: layer.wide,
      height: layer.high,
    };
  }

  // A name may be wider than its column: from the right, each makes room for the one behind it.
  placeHeads(width) {
    let free = width + 8;
    for (const layer of [...this.layers].reverse()) {
      const { style } = layer.head;
      if (layer.kind === "flatten") {
        style.left = `${layer.x}px`;
        style.top = `${layer.y}px`;
        style.width = `${layer.width}px`;
        style.height = `${layer.height}px`;
        continue;
      }
      const wide = layer.head.offsetWidth;
      const left = Math.max(0, Math.min(layer.x + (layer.width - wide) / 2, free - 8 - wide));
      style.left = `${left}px`;
      style.top = `${Math.max(0, layer.y - this.names)}px`;
      free = left;
    }
  }

  // ---- painting -------------------------------------------------------------------------------

  paintAll() {
    const draw = this.sheet.blank();
    draw.imageSmoothingEnabled = false;
    this.colours.words = this.colours.diverging.map(([r, g, b]) => (255 << 24) | (b << 16) | (g << 8) | r);
    for (const layer of this.layers) {
      if (layer.isMaps) this.paintMaps(draw, layer);
      else if (layer.kind === "units") this.paintUnits(draw, layer);
      else if (layer.kind === "classes") this.paintClasses(draw, layer);
    }
  }

  // All maps of a layer as one tall picture, of which each is then enlarged to its place.
  paintMaps(draw, layer) {
    const { rows, columns, count, values } = layer;
    const { words, hatchColour } = this.colours;
    const small = new ImageData(columns, rows * count);
    const pixels = new Int32Array(small.data.buffer);
    values.forEach((map, unit) => {
      const scale = STEPS / 2 / this.highOf(layer, unit);
      for (let i = 0, to = unit * rows * columns; i < map.length; i += 1, to += 1) {
        const step = Math.round(STEPS / 2 + map[i] * scale);
        pixels[to] = words[step > 0 ? Math.min(step, STEPS) : 0];
      }
    });
    pen.canvas.width = columns;
    pen.canvas.height = rows * count;
    pen.putImageData(small, 0, 0);
    const { ratio } = this;
    draw.fillStyle = hatchColour;
    for (let unit = 0; unit < count; unit += 1) {
      const { x, y, width, height } = this.boxOf(layer, unit);
      draw.fillRect((x - 1) * ratio, (y - 1) * ratio, (width + 2) * ratio, (height + 2) * ratio);
      draw.drawImage(
        pen.canvas, 0, unit * rows, columns, rows,
        x * ratio, y * ratio, width * ratio, height * ratio,
      );
    }
  }

  paintUnits(draw, layer) {
    const { ratio } = this;
    for (let unit = 0; unit < layer.count; unit += 1) {
      const { x, y, width, height } = this.boxOf(layer, unit);
      const value = layer.values[0][unit];
      const colour = colourOf({ scale: "diverging", low: -layer.most, high: layer.most }, value || 0, this.colours);
      draw.fillStyle = this.colours.hatchColour;
      draw.fillRect(x * ratio, y * ratio, width * ratio, height * ratio);
      draw.fillStyle = `rgb(${colour})`;
      draw.fillRect((x + 0.5) * ratio, (y + 0.5) * ratio, (width - 1) * ratio, (height - 1) * ratio);
    }
  }

  // A digit, how sure the network is of it, and that as a bar.
  paintClasses(draw, layer) {
    const { ratio } = this;
    const { inkColour, hatchColour, font } = this.colours;
    const shares = layer.values[0];
    const most = shares.indexOf(Math.max(...shares));
    const size = Math.max(15 * enlarged, Math.min(24 * enlarged, layer.high * 0.42));
    draw.textBaseline = "middle";
    for (let digit = 0; digit < layer.count; digit += 1) {
      const { x, y, width, height } = this.boxOf(layer, digit);
      const middle = (y + height / 2 - 5) * ratio;
      draw.fillStyle = inkColour;
      draw.textAlign = "left";
      draw.font = `${digit === most ? 700 : 400} ${1.2 * size * ratio}px ${font}`;
      draw.fillText(`${digit}`, x * ratio, middle);
      draw.textAlign = "right";
      draw.font = `${digit === most ? 700 : 400} ${Math.min(size, width / 4.7) * ratio}px ${font}`;
      draw.fillText(sureness(shares[digit]), (x + width) * ratio, middle);
      const top = (y + height / 2 + size * 0.62) * ratio;
      const bar = 7 * ratio;
      draw.fillStyle = `rgb(${this.colours.diverging[STEPS]})`;
      draw.fillRect(x * ratio, top, Math.max(0, shares[digit] || 0) * width * ratio, bar);
      draw.strokeStyle = hatchColour;
      draw.lineWidth = ratio;
      draw.strokeRect((x + 0.5) * ratio, top, (width - 1) * ratio, bar);
    }
  }

  // ---- pointing -------------------------------------------------------------------------------

  pointer(event) {
    const stage = this.stage.getBoundingClientRect();
    const [x, y] = [event.clientX - stage.left, event.clientY - stage.top];
    const index = this.layers.findIndex((layer) => x >= layer.x && x < layer.x + layer.width);
    const layer = this.layers[index];
    if (!layer?.count) return this.point(null);
    const column = Math.floor((x - layer.x) / (layer.wide + layer.gap));
    const row = Math.floor((y - layer.y) / (layer.high + layer.gap));
    const unit = row * layer.across + column;
    if (row < 0 || column >= layer.across || unit >= layer.count) return this.point(null);
    if (!layer.isMaps) return this.point({ layer: index, unit });
    const box = this.boxOf(layer, unit);
    const inside = (part, most) => Math.min(Math.max(Math.floor(part / layer.cell), 0), most - 1);
    return this.point({
      layer: index, unit, row: inside(y - box.y, layer.rows), column: inside(x - box.x, layer.columns),
    });
  }

  key(event) {
    if (event.altKey || event.metaKey || event.ctrlKey) return;
    if (event.key === "Escape") this.point({ ...this.home });
    const [right, down] = {
      ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1],
    }[event.key] ?? [0, 0];
    const layer = this.layers[this.home.layer];
    let next = null;
    if ((right || down) && event.shiftKey) {
      event.preventDefault();
      if (!layer.isMaps) return;
      const inside = (value, most) => Math.min(Math.max(value, 0), most - 1);
      const { row, column } = this.at ?? {};
      this.point({
        ...this.home,
        row: row === undefined ? layer.rows >> 1 : inside(row + down, layer.rows),
        column: column === undefined ? layer.columns >> 1 : inside(column + right, layer.columns),
      });
      return;
    }
    if (right || down) next = this.neighbour(right, down);
    if (event.key === "Home") next = { ...this.home, unit: 0 };
    if (event.key === "End") next = { ...this.home, unit: layer.count - 1 };
    if (event.key === "PageUp" || event.key === "PageDown") {
      const step = event.key === "PageUp" ? -1 : 1;
      let index = this.home.layer + step;
      while (this.layers[index] && !this.layers[index].count) index += step;
      if (this.layers[index]) next = { layer: index, unit: 0 };
    }
    if (!next && !right && !down) return;
    event.preventDefault();
    if (!next) return;
    const button = this.layers[next.layer].buttons[next.unit];
    this.home = next;
    this.rove();
    button.focus();
    this.point({ ...next });
  }

  // The map beside, above or below: in the same layer up and down, into the next one sideways.
  neighbour(right, down) {
    const from = this.boxOf(this.layers[this.home.layer], this.home.unit);
    let best = null;
    this.layers.forEach((layer, index) => {
      if (down && index !== this.home.layer) return;
      for (let unit = 0; unit < (layer.count ?? 0); unit += 1) {
        const box = this.boxOf(layer, unit);
        const [dx, dy] = [box.x - from.x, box.y + box.height / 2 - from.y - from.height / 2];
        if (right ? dx * right < 1 : dy * down < 1 || Math.abs(dx) > 1) continue;
        const far = right ? 1000 * Math.abs(dx) + Math.abs(dy) : Math.abs(dy);
        if (!best || far < best.far) best = { far, layer: index, unit };
      }
    });
    return best && { layer: best.layer, unit: best.unit };
  }

  // The whole network is one stop of the Tab key.
  rove() {
    this.layers.forEach(({ buttons }, layer) => buttons.forEach((button, unit) => {
      const tab = layer === this.home.layer && unit === this.home.unit ? 0 : -1;
      if (button.tabIndex !== tab) button.tabIndex = tab;
    }));
  }

  open(index, unit) {
    const layer = this.layers[index];
    if (layer.role === "input" || !this.picture.choose) return;
    const name = layer.kind === "classes" ? unit : unit + 1;
    this.send("chosen", `${layer.name}/${name}`);
    // A step of the browser's history of its own, so that going back closes what was opened.
    History.prototype.pushState.call(history, history.state, "", location.href);
  }

  // What a pixel sees in the layers before it (step -1) or reaches behind it (step 1): for each
  // layer its rows and columns, and the one map that counts, or `null` for all of them.
  trace({ layer: index, unit, row, column }, step) {
    const boxes = [];
    let box = { rows: [row, row + 1], columns: [column, column + 1], unit };
    for (let i = index + step; i >= 0 && i < this.layers.length; i += step) {
      const link = this.layers[step < 0 ? i + 1 : i];
      const layer = this.layers[i];
      if (!link.window || !layer.isMaps) break; // Dense layers are reached whole
      const [size, strides, top, left, dilation] = link.window;
      const [follow] = [step < 0 ? backward : forward];
      const axis = (before) => ({ size, strides, before, dilation });
      box = {
        rows: follow(axis(top), box.rows, layer.rows),
        columns: follow(axis(left), box.columns, layer.columns),
        // A convolution looks at all maps; pooling at one, and the digit is one.
        unit: link.mixes || layer.role === "input" ? null : box.unit,
      };
      boxes.push({ index: i, ...box });
      if (isEmpty(box)) break;
    }
    return boxes;
  }

  // The one place where the unit or the pixel in hand changes: edges, boxes, words.
  point(at) {
    const draw = this.sheet.clear();
    this.at = at;
    this.describeScale(at && this.layers[at.layer], at?.unit);
    if (!at) {
      delete this.root.dataset.boxes;
      return this.say(NETWORK_HINT);
    }
    const layer = this.layers[at.layer];
    const isPixel = at.row !== undefined;
    const sees = isPixel ? this.trace(at, -1) : [];
    const reaches = isPixel ? this.trace(at, 1) : [];
    this.drawEdges(draw, at);
    const { windowColour, resultColour, inkColour } = this.colours;
    for (const box of sees) this.drawBox(draw, box, windowColour);
    for (const box of reaches) this.drawBox(draw, box, resultColour);
    const lost = reaches.some(isEmpty);
    if (isPixel && !lost) this.drawDense(draw, at.layer, resultColour);
    const own = isPixel
      ? { rows: [at.row, at.row + 1], columns: [at.column, at.column + 1] }
      : { rows: [0, layer.rows], columns: [0, layer.columns] };
    this.drawBox(draw, { index: at.layer, unit: at.unit, ...own }, inkColour);
    const flat = (boxes) => Object.fromEntries(boxes.map(({ index, rows, columns, unit }) => [
      this.layers[index].name, [rows[0], columns[0], rows[1], columns[1], unit],
    ]));
    const told = { ...at, layer: layer.name, sees: flat(sees), reaches: flat(reaches) };
    this.root.dataset.boxes = JSON.stringify(told);
    return this.say(this.reading(at, sees, reaches));
  }

  drawBox(draw, { index, rows, columns, unit }, colour) {
    const layer = this.layers[index];
    if (rows[0] >= rows[1] || columns[0] >= columns[1]) return;
    const { ratio } = this;
    const units = unit === null ? layer.buttons.keys() : [unit];
    const [wide, high] = layer.isMaps ? [layer.cell, layer.cell] : [layer.wide, layer.high];
    for (const one of units) {
      const place = this.boxOf(layer, one);
      // Around the cells, not on them: a cell may be two pixels wide.
      const [left, top] = [place.x + columns[0] * wide - 1, place.y + rows[0] * high - 1];
      const width = (columns[1] - columns[0]) * wide + 2;
      const height = (rows[1] - rows[0]) * high + 2;
      for (const [line, style] of [[4, this.colours.zeroColour], [2, colour]].map(([line, style]) => [line * enlarged, style])) {
        draw.lineWidth = line * ratio;
        draw.strokeStyle = style;
        draw.strokeRect(left * ratio, top * ratio, width * ratio, height * ratio);
      }
    }
  }

  drawDense(draw, index, colour) {
    draw.strokeStyle = colour;
    draw.lineWidth = 2 * enlarged * this.ratio;
    for (const layer of this.layers.slice(index + 1)) {
      if (layer.isMaps) continue;
      const box = [layer.x - 2, layer.y - 1, layer.width + 4, layer.height + 2];
      draw.strokeRect(...box.map((length) => length * this.ratio));
    }
  }

  // Which units of which layer feed a unit directly: of Dense inputs those that are not zero.
  sources({ layer: index, unit }) {
    const layer = this.layers[index];
    let from = index - 1;
    while (from > 0 && !this.layers[from].count) from -= 1; // what Flatten lays out is the maps
    if (from < 0) return { from, units: [] };
    if (layer.window && !layer.mixes) return { from, units: [unit] };
    const { values, isMaps, buttons } = this.layers[from];
    const all = [...buttons.keys()];
    return { from, units: isMaps ? all : all.filter((one) => values[0][one] !== 0) };
  }

  drawEdges(draw, at) {
    const { from, units } = this.sources(at);
    const { ratio } = this;
    const to = this.boxOf(this.layers[at.layer], at.unit);
    const [x, y] = [to.x * ratio, (to.y + to.height / 2) * ratio];
    draw.strokeStyle = this.colours.inkColour;
    draw.lineWidth = 1.5 * enlarged * ratio;
    draw.beginPath();
    for (const unit of units) {
      const box = this.boxOf(this.layers[from], unit);
      const [left, top] = [(box.x + box.width) * ratio, (box.y + box.height / 2) * ratio];
      const half = (left + x) / 2;
      draw.moveTo(left, top);
      draw.bezierCurveTo(half, top, half, y, x, y);
    }
    draw.stroke();
  }

  reading(at, sees, reaches) {
    const layer = this.layers[at.layer];
    const name = this.nameOf(layer, at.unit);
    if (!layer.isMaps) {
      const value = layer.values[0][at.unit];
      const before = this.layers[this.sources(at).from];
      const count = before.isMaps
        ? before.count * before.rows * before.columns
        : before.count;
      const alive = before.values.reduce((sum, map) => sum + map.filter((v) => v !== 0).length, 0);
      const share = layer.kind === "classes" ? ` (${sureness(value)})` : "";
      return `${name}: ${number(value, 4)}${share}. It weighs all ${count} values of `
        + `${before.name}, of which ${alive} are not 0.`;
    }
    if (at.row === undefined) {
      const { from, units } = this.sources(at);
      if (from < 0) return `${name}: ${layer.rows}×${layer.columns} pixels.`;
      const maps = units.length > 1 ? `all ${units.length} maps of ` : "";
      const which = layer.window && !layer.mixes ? `map ${units[0] + 1} of ` : maps;
      return `${name}: ${layer.rows}×${layer.columns} values, made of ${which}${this.layers[from].name}.`;
    }
    const value = number(layer.values[at.unit][at.row * layer.columns + at.column], 4);
    const words = [`${name}: ${value}.`];
    const place = `Row ${at.row}, column ${at.column}`;
    const digit = sees.find(({ index }) => this.layers[index].role === "input");
    if (digit && !isEmpty(digit)) {
      const { rows, columns } = digit;
      words.push(
        `${place} sees ${span("row", rows)} and ${span("column", columns)} of the digit: `
        + `${rows[1] - rows[0]}×${columns[1] - columns[0]} pixels.`,
      );
    } else if (sees.length) words.push(`${place} sees nothing but padding.`);
    return [...words, this.reachInWords(place, sees.length, reaches)].join(" ");
  }

  reachInWords(place, hasSaid, reaches) {
    const who = hasSaid ? "It" : place;
    const lost = reaches.find(isEmpty);
    const told = reaches.filter((box) => !isEmpty(box)).map(({ index, rows, columns }) => (
      `${rows[1] - rows[0]}×${columns[1] - columns[0]} of ${this.layers[index].name}`
    ));
    if (lost) {
      const name = this.layers[lost.index].name;
      return `${who} reaches ${[...told, `nothing of ${name}`].join(", ")}: no window lies on it.`;
    }
    return `${who} reaches ${[...told, "every Dense unit"].join(", ").replace(/, ([^,]*)$/, " and $1")}.`;
  }
}

KINDS.network = Network;
