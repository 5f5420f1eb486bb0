// Pixel maps: decode what Python sent, choose one size of cell, paint, and read out the cell that
// is pointed at. Nothing here asks Python for anything. A view belongs to one place in the page and
// is changed in place; `show` is called again for each new picture and each change of the theme.

const GAP = 20; // between figures, in CSS pixels; as in the style sheet
const SIGN = 26; // room for a sign such as "=" between two maps
const NARROWEST = 104; // of a figure in a row, so that its title and legend have room
const LARGEST_CELL = 72;
const READABLE_CELL = 22; // from here on values are written into the cells unless told otherwise
const LEAST_TYPE = 10;
const DIGIT = 0.54; // of the type's size: how wide a digit is, with a little room
const GRID_GAP = 14;
const NARROWEST_IN_GRID = 64;
const LARGEST_IN_GRID = 200;
const FADED = 0.7; // how far cells that no window reaches are taken towards the background
const STEPS = 256; // of a colour scale; even, so that zero has a step of its own in the middle
const HINT = "Point at a cell, or move over the cells with the arrow keys, to read its value.";

const views = new WeakMap();

export default function ({ data, parentElement }) {
  if (!data) return undefined;
  let view = views.get(parentElement);
  if (!view) views.set(parentElement, (view = new View(parentElement)));
  const turn = view.show(decode(data));
  // A render that was overtaken cleans up late: it must not stop the one that came after it.
  return () => view.stop(turn);
}

// ---- what Python sent -------------------------------------------------------------------------

function decode(bytes) {
  const length = new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true);
  const picture = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length)));
  let start = 4 + length;
  for (const map of picture.maps) {
    const wide = map.type === "uint8" ? 1 : 4;
    const part = bytes.slice(start, (start += map.rows * map.columns * wide));
    map.values = wide === 1 ? part : new Float32Array(part.buffer);
    map.padding ??= [0, 0, 0, 0];
    map.dropped ??= [0, 0];
    map.marks ??= [];
  }
  return picture;
}

function isPadding(map, row, column) {
  const [top, right, bottom, left] = map.padding;
  return row < top || row >= map.rows - bottom || column < left || column >= map.columns - right;
}

function isDropped(map, row, column) {
  return row >= map.rows - map.dropped[0] || column >= map.columns - map.dropped[1];
}

function number(value, decimals) {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "not a number" : `${value}`;
  const text = value.toFixed(decimals);
  return /^-0\.?0*$/.test(text) ? text.slice(1) : text.replace("-", "−");
}

function end(value) {
  const size = Math.abs(value);
  return number(value, Number.isInteger(value) || size >= 100 ? 0 : size >= 10 ? 1 : 2);
}

function longest(map) {
  let most = 1;
  for (const value of map.values) {
    if (Number.isFinite(value)) most = Math.max(most, number(value, map.decimals).length);
  }
  return most;
}

// The largest type at which every value fits its cell.
function typeSize(cell, letters) {
  return Math.min((cell - 4) / (letters * DIGIT), cell * 0.5, 26);
}

// ---- how large --------------------------------------------------------------------------------

// Maps of about one size share the cell, so that what a layer takes off the border can be seen; a
// map much smaller than its neighbours, such as a kernel, has larger cells.
function weights(maps) {
  const side = maps.map((map) => Math.max(map.rows, map.columns));
  const most = Math.max(...side);
  return maps.map((map, i) => Math.max(1, most / (2.3 * side[i])) * (map.size ?? 1));
}

// Sizes of the cells in device pixels, whole ones, so that every cell is equally large and sharp.
function rowSizes(picture, width, limit, ratio) {
  const { maps } = picture;
  const weight = weights(maps);
  const at = (cell) => weight.map((w) => Math.max(1, Math.round(cell * w)));
  const sizes = (wrapped) => {
    let cell = Math.round(LARGEST_CELL * ratio);
    while (cell > 1 && !fitsRow(picture, at(cell), width, limit, ratio, wrapped)) cell -= 1;
    return at(cell);
  };
  const one = sizes(false);
  if (maps.length === 1) return one;
  // In one row as long as the largest map is worth looking at there; otherwise one below the other.
  const widest = Math.max(...maps.map((map, i) => (map.columns * one[i]) / ratio));
  return widest < 150 && width < 640 ? sizes(true) : one;
}

function fitsRow(picture, cells, width, limit, ratio, wrapped) {
  const perLine = wrapped ? 1 : (picture.columns ?? picture.maps.length);
  let line = 0;
  for (const [i, map] of picture.maps.entries()) {
    const cell = cells[i] / ratio;
    const edge = cell * map.columns;
    // Values that must be readable may ask for more height than a picture has otherwise.
    const needed = map.numbers ? map.letters * DIGIT * 13 + 4 : 0;
    if (cell * map.rows > limit && cell > needed) return false;
    if (i % perLine === 0) line = 0;
    else line += GAP + (picture.between?.[i - 1] ? SIGN + GAP : 0);
    line += Math.max(edge, Math.min(NARROWEST, width)) + 2;
    if (line > width) return false;
  }
  return true;
}

// A grid of equal edges: as many maps in a line as make the edge longest; full lines are preferred.
function gridSizes(picture, width, limit, ratio) {
  const { maps, least } = picture;
  const title = maps.some((map) => map.title) ? 22 : 0;
  let best = { score: -1 };
  for (let perLine = 1; perLine <= maps.length; perLine += 1) {
    if (picture.columns && perLine !== Math.min(picture.columns, maps.length)) continue;
    const wide = (width + GRID_GAP) / perLine - GRID_GAP - 2;
    if (wide < NARROWEST_IN_GRID && perLine > 1 && !picture.columns) break;
    const high = limit / Math.ceil(maps.length / perLine) - title - GRID_GAP;
    const edge = Math.min(wide, high, LARGEST_IN_GRID);
    const score = edge * (maps.length % perLine ? 1 : 1.35);
    if (score > best.score) best = { score, perLine, edge: Math.max(edge, Math.min(least, wide)) };
  }
  const { edge, perLine } = best;
  const cells = maps.map((map) => {
    const side = Math.max(map.rows, map.columns);
    const cell = Math.max(1, Math.floor((edge * ratio) / side));
    const short = (cell * side) / ratio < least && (cell + 1) * side / ratio <= NARROWEST_IN_GRID;
    return Math.round((short ? cell + 1 : cell) * (map.size ?? 1)) || 1;
  });
  return { cells, perLine };
}

// ---- colours ----------------------------------------------------------------------------------

const pen = document.createElement("canvas").getContext("2d", { willReadFrequently: true });

const known = new Map();

function rgb(colour) {
  if (!known.has(colour)) {
    pen.canvas.width = pen.canvas.height = 1;
    pen.fillStyle = colour;
    pen.fillRect(0, 0, 1, 1);
    known.set(colour, [...pen.getImageData(0, 0, 1, 1).data.slice(0, 3)]);
  }
  return known.get(colour);
}

// From 0 for black to 1 for white, as WCAG reckons it.
function luminance([r, g, b]) {
  const [x, y, z] = [r, g, b].map((v) => ((v / 255 + 0.055) / 1.055) ** 2.4);
  return 0.2126 * x + 0.7152 * y + 0.0722 * z;
}

// Between which two of a scale's stops a place (0 to 1) lies, and how far from the first of them.
// The full colour next to zero stands at 0.4 of the way, not 0.5: small values must not be pale.
function between(stops, place) {
  const at = { 2: [0, 1], 3: [0, 0.4, 1], 5: [0, 0.3, 0.5, 0.7, 1] }[stops];
  const i = Math.max(0, Math.min(at.findLastIndex((stop) => stop <= place), stops - 2));
  return [i, (place - at[i]) / (at[i + 1] - at[i])];
}

function palette(element) {
  const style = getComputedStyle(element);
  const stops = (...names) => names.map((name) => rgb(style.getPropertyValue(`--${name}`).trim()));
  const scales = {
    ink: stops("zero", "ink"),
    diverging: stops("negative-far", "negative", "zero", "positive", "positive-far"),
    count: stops("zero", "count", "count-far"),
  };
  const colours = { font: style.fontFamily };
  for (const [name, ends] of Object.entries(scales)) {
    colours[name] = Array.from({ length: STEPS + 1 }, (_, step) => {
      const [i, part] = between(ends.length, step / STEPS);
      return ends[i].map((v, c) => Math.round(v + (ends[i + 1][c] - v) * part));
    });
  }
  for (const name of ["padding", "hatch", "window", "result", "other", "zero", "ink"]) {
    colours[`${name}Colour`] = style.getPropertyValue(`--${name}`).trim();
  }
  return colours;
}

function colourOf(map, value, colours) {
  const part = (value - map.low) / (map.high - map.low);
  return colours[map.scale][Math.round(Math.min(1, Math.max(0, part)) * STEPS)];
}

// ---- painting ---------------------------------------------------------------------------------

function paint(canvas, map, cell, ratio, colours) {
  const { rows, columns, values } = map;
  resize(canvas, columns * cell, rows * cell, ratio);
  const draw = canvas.getContext("2d");
  // One pixel for each cell, then enlarged: 64×64 cells cost no more than one.
  const small = new ImageData(columns, rows);
  for (let i = 0; i < values.length; i += 1) {
    const colour = colourOf(map, Number.isFinite(values[i]) ? values[i] : 0, colours);
    small.data.set(colour, 4 * i);
    small.data[4 * i + 3] = 255;
  }
  pen.canvas.width = columns;
  pen.canvas.height = rows;
  pen.putImageData(small, 0, 0);
  draw.imageSmoothingEnabled = false;
  draw.drawImage(pen.canvas, 0, 0, columns * cell, rows * cell);
  paintBorders(draw, map, cell, ratio, colours);
  if (cell / ratio >= 8) paintGrid(draw, map, cell);
  for (const mark of map.marks) {
    const [top, left, bottom, right, , tone] = mark;
    outline(draw, left, top, right, bottom, cell, ratio, colours[`${tone}Colour`], colours);
  }
  // Last, so that no line lies over a digit.
  paintNumbers(draw, map, cell, ratio, colours);
}

function resize(canvas, width, height, ratio) {
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  canvas.style.width = `${width / ratio}px`;
  canvas.style.height = `${height / ratio}px`;
}

// Padding is not image, dropped cells are image that counts for nothing, and a value that is not
// finite is nothing that can be coloured: each has a hatching of its own.
function paintBorders(draw, map, cell, ratio, colours) {
  const [top, right, bottom, left] = map.padding;
  const { rows, columns } = map;
  if (top + right + bottom + left > 0) {
    const frame = new Path2D();
    frame.rect(0, 0, columns * cell, rows * cell);
    frame.rect(left * cell, top * cell, (columns - left - right) * cell, (rows - top - bottom) * cell);
    draw.fillStyle = colours.paddingColour;
    draw.fill(frame, "evenodd");
    hatch(draw, frame, 1, 6, false, ratio, colours, 0.55);
    draw.lineWidth = Math.max(1, Math.round(1.5 * ratio));
    draw.strokeStyle = colours.hatchColour;
    draw.strokeRect(
      left * cell, top * cell, (columns - left - right) * cell, (rows - top - bottom) * cell,
    );
  }
  const [below, beside] = map.dropped;
  if (below + beside > 0) {
    const edge = new Path2D();
    if (below) edge.rect(0, (rows - below) * cell, columns * cell, below * cell);
    if (beside) edge.rect((columns - beside) * cell, 0, beside * cell, (rows - below) * cell);
    draw.globalAlpha = FADED;
    draw.fillStyle = colours.zeroColour;
    draw.fill(edge);
    draw.globalAlpha = 1;
    hatch(draw, edge, 1.5, 8, true, ratio, colours, 0.7);
  }
  map.values.forEach((value, i) => {
    if (Number.isFinite(value)) return;
    const wrong = new Path2D();
    wrong.rect((i % columns) * cell, Math.floor(i / columns) * cell, cell, cell);
    hatch(draw, wrong, 1, 4, true, ratio, colours, 1);
    hatch(draw, wrong, 1, 4, false, ratio, colours, 1);
  });
}

function hatch(draw, path, wide, apart, rising, ratio, colours, alpha) {
  const { width, height } = draw.canvas;
  draw.save();
  draw.clip(path, "evenodd");
  draw.globalAlpha = alpha;
  draw.strokeStyle = colours.hatchColour;
  draw.lineWidth = wide * ratio;
  draw.beginPath();
  for (let x = -height; x < width + height; x += apart * ratio * Math.SQRT2) {
    draw.moveTo(x, rising ? height : 0);
    draw.lineTo(x + height, rising ? 0 : height);
  }
  draw.stroke();
  draw.restore();
}

function paintGrid(draw, map, cell) {
  draw.fillStyle = "rgb(128 128 128 / 0.28)";
  for (let row = 1; row < map.rows; row += 1) draw.fillRect(0, row * cell, map.columns * cell, 1);
  for (let column = 1; column < map.columns; column += 1) {
    draw.fillRect(column * cell, 0, 1, map.rows * cell);
  }
}

function paintNumbers(draw, map, cell, ratio, colours) {
  if (map.numbers === false || (map.numbers !== true && cell / ratio < READABLE_CELL)) return;
  const size = typeSize(cell / ratio, map.letters);
  if (size < LEAST_TYPE) return;
  draw.font = `${size * ratio}px ${colours.font}`;
  draw.textAlign = "center";
  draw.textBaseline = "middle";
  const grey = rgb(colours.paddingColour);
  const paper = rgb(colours.zeroColour);
  map.values.forEach((value, i) => {
    if (!Number.isFinite(value)) return;
    const row = Math.floor(i / map.columns);
    const column = i % map.columns;
    let colour = isPadding(map, row, column) ? grey : colourOf(map, value, colours);
    if (isDropped(map, row, column)) colour = colour.map((v, c) => v + (paper[c] - v) * FADED);
    draw.fillStyle = luminance(colour) > 0.179 ? "#000" : "#fff";
    draw.fillText(number(value, map.decimals), (column + 0.5) * cell, (row + 0.53) * cell);
  });
}

// A line of its colour inside a line of paper: seen on every colour of a scale.
function outline(draw, left, top, right, bottom, cell, ratio, colour, colours) {
  const line = Math.max(2, Math.min(4, cell / ratio / 6)) * ratio;
  for (const [wide, style] of [[line + 2 * ratio, colours.zeroColour], [line, colour]]) {
    const inset = (line + 2 * ratio) / 2;
    draw.lineWidth = wide;
    draw.strokeStyle = style;
    draw.strokeRect(
      left * cell + inset, top * cell + inset,
      (right - left) * cell - 2 * inset, (bottom - top) * cell - 2 * inset,
    );
  }
}

// ---- the view ---------------------------------------------------------------------------------

function element(tag, name, parent) {
  const made = document.createElement(tag);
  if (name) made.className = name;
  parent?.append(made);
  return made;
}

function write(node, text) {
  if (node.textContent !== text) node.textContent = text;
  node.hidden = text === "";
}

// Whether what a node shows has changed since it was last asked: what has not is left alone.
function changed(node, ...shown) {
  const now = JSON.stringify(shown);
  if (node.shown === now) return false;
  node.shown = now;
  return true;
}

class View {
  constructor(parent) {
    this.root = element("div", "explorer", parent);
    this.row = element("div", "maps", this.root);
    this.row.setAttribute("role", "group");
    this.common = element("div", "legend", this.root);
    this.status = element("div", "status", this.root);
    this.status.setAttribute("aria-live", "polite");
    this.figures = [];
    this.at = null; // the cell pointed at: {map, row, column}
    this.home = { map: 0, row: 0, column: 0 }; // where the keyboard goes on
    this.turn = 0;
    this.again = () => this.layout();
    this.watcher = new ResizeObserver(() => this.layoutIfResized());
  }

  show(picture) {
    this.picture = picture;
    for (const map of picture.maps) map.letters = longest(map);
    this.root.classList.toggle("grid", picture.kind === "grid");
    const style = getComputedStyle(this.root);
    const paper = rgb(style.getPropertyValue("--st-background-color").trim());
    this.root.classList.toggle("dark", luminance(paper) < 0.18);
    this.colours = palette(this.root);
    this.build();
    this.layout();
    this.watcher.observe(this.root);
    window.addEventListener("resize", this.again);
    return (this.turn += 1);
  }

  stop(turn) {
    if (turn !== this.turn) return;
    this.watcher.disconnect();
    window.removeEventListener("resize", this.again);
  }

  // As many figures as maps; those that are there stay, with the focus that may be in them.
  build() {
    const { maps, columns, kind, alt, between: signs } = this.picture;
    while (this.figures.length > maps.length) this.figures.pop().figure.remove();
    while (this.figures.length < maps.length) this.figures.push(this.figure(this.figures.length));
    if (changed(this.row, kind, columns, signs, maps.length)) this.separate(kind, columns, signs);
    this.row.setAttribute("aria-label", alt);
    const own = this.picture.legend && kind !== "grid";
    maps.forEach((map, i) => this.describe(this.figures[i], map, own));
    this.describeCommon();
    if (this.home.map >= maps.length) this.home = { map: 0, row: 0, column: 0 };
    this.rove();
  }

  separate(kind, columns, signs) {
    for (const old of this.row.querySelectorAll(".sign, .break")) old.remove();
    this.figures.forEach(({ figure }, i) => {
      if (i && kind === "row" && columns && i % columns === 0) figure.before(element("div", "break"));
      const sign = i && signs?.[i - 1];
      if (!sign) return;
      const made = element("div", "sign");
      made.textContent = sign;
      figure.before(made);
    });
  }

  figure(index) {
    const figure = element("figure", "", this.row);
    const made = { figure, title: element("figcaption", "title", figure) };
    made.cells = element("div", "cells", figure);
    made.cells.setAttribute("role", "application");
    made.cells.setAttribute("aria-roledescription", "pixel map");
    made.base = element("canvas", "", made.cells);
    made.base.setAttribute("role", "img");
    made.over = element("canvas", "", made.cells);
    made.over.setAttribute("aria-hidden", "true");
    made.legend = element("div", "legend", figure);
    made.keys = element("div", "keys", figure);
    made.caption = element("div", "caption", figure);
    made.cells.addEventListener("pointerdown", (event) => this.pointer(event, index));
    made.cells.addEventListener("pointermove", (event) => this.pointer(event, index));
    made.cells.addEventListener("pointerleave", (event) => {
      if (event.pointerType === "mouse") this.point(null);
    });
    made.cells.addEventListener("keydown", (event) => this.key(event));
    made.cells.addEventListener("focus", () => {
      if (!this.at && made.cells.matches(":focus-visible")) this.point({ ...this.home, map: index });
    });
    made.cells.addEventListener("blur", () => this.point(null));
    return made;
  }

  describe(made, map, withLegend) {
    const alt = this.picture.maps.length === 1 ? this.picture.alt : "";
    const name = [alt, map.title, `${map.rows} rows, ${map.columns} columns`].filter(Boolean);
    made.base.setAttribute("aria-label", name.join(": "));
    made.cells.setAttribute("aria-label", `${map.title ?? "Pixels"}, arrow keys read the cells`);
    write(made.title, map.title ?? "");
    write(made.caption, map.caption ?? "");
    made.legend.hidden = !withLegend;
    if (withLegend) this.scale(made.legend, map);
    const keys = [];
    if (map.padding.some((count) => count > 0)) keys.push(["padding", "padding"]);
    if (map.dropped.some((count) => count > 0)) keys.push(["dropped", "reached by no window"]);
    for (const [, , , , label, tone] of map.marks) if (label) keys.push([tone, label]);
    if (!changed(made.keys, keys)) return;
    made.keys.replaceChildren();
    for (const [kind, label] of keys) {
      const key = element("span", kind, made.keys);
      key.style.setProperty("--swatch", `var(--${kind})`);
      key.textContent = label;
    }
  }

  scale(legend, map) {
    const tenths = Array.from({ length: 11 }, (_, i) => Math.round((i / 10) * STEPS));
    const steps = tenths.map((step) => `rgb(${this.colours[map.scale][step]})`);
    if (!changed(legend, steps, map.low, map.high)) return;
    const bar = legend.querySelector(".bar") ?? element("div", "bar", legend);
    const ends = legend.querySelector(".ends") ?? element("div", "ends", legend);
    bar.style.background = `linear-gradient(to right, ${steps.join(", ")})`;
    const values = map.scale === "diverging" ? [map.low, 0, map.high] : [map.low, map.high];
    ends.replaceChildren(...values.map((value) => {
      const made = element("span");
      made.textContent = end(value);
      return made;
    }));
  }

  // A gallery has one legend, if all of its maps share one scale.
  describeCommon() {
    const { maps, kind, legend } = this.picture;
    const [first] = maps;
    const one = maps.every((m) => ["scale", "low", "high"].every((name) => m[name] === first[name]));
    this.common.hidden = !(legend && kind === "grid" && one);
    if (!this.common.hidden) this.scale(this.common, first);
  }

  layoutIfResized() {
    if (this.root.clientWidth !== this.width) this.layout();
  }

  layout() {
    this.width = this.root.clientWidth;
    if (!this.width) return; // hidden: the watcher calls again when there is room
    const ratio = window.devicePixelRatio || 1;
    const limit = this.picture.height ?? Math.max(200, 0.6 * window.innerHeight);
    const { maps, kind } = this.picture;
    const grid = kind === "grid" && gridSizes(this.picture, this.width, limit, ratio);
    const cells = grid ? grid.cells : rowSizes(this.picture, this.width, limit, ratio);
    const least = grid ? NARROWEST_IN_GRID : Math.min(NARROWEST, this.width);
    const widths = maps.map((map, i) => Math.max((map.columns * cells[i]) / ratio, least));
    const line = grid ? grid.perLine * (Math.max(...widths) + GRID_GAP) : 0;
    this.row.style.maxWidth = grid ? `${line}px` : "";
    this.ratio = ratio;
    this.figures.forEach((made, i) => {
      const map = maps[i];
      made.cell = cells[i];
      made.figure.style.width = `${grid ? Math.max(...widths) : widths[i]}px`;
      paint(made.base, map, cells[i], ratio, this.colours);
      resize(made.over, map.columns * cells[i], map.rows * cells[i], ratio);
    });
    this.point(this.at && this.within(this.at));
  }

  within({ map, row, column }) {
    const { maps } = this.picture;
    const inside = Math.min(Math.max(map, 0), maps.length - 1);
    return {
      map: inside,
      row: Math.min(Math.max(row, 0), maps[inside].rows - 1),
      column: Math.min(Math.max(column, 0), maps[inside].columns - 1),
    };
  }

  pointer(event, index) {
    const made = this.figures[index];
    const box = made.base.getBoundingClientRect();
    const size = made.cell / this.ratio;
    this.point(this.within({
      map: index,
      row: Math.floor((event.clientY - box.top) / size),
      column: Math.floor((event.clientX - box.left) / size),
    }));
  }

  // Arrows move by a cell and over a map's side edge into its neighbour; Page keys move by a map.
  key(event) {
    const at = this.at ?? this.home;
    const { maps } = this.picture;
    const { columns, rows } = maps[at.map];
    const moves = {
      ArrowUp: { row: at.row - 1 },
      ArrowDown: { row: at.row + 1 },
      ArrowLeft: at.column || !at.map
        ? { column: at.column - 1 }
        : { map: at.map - 1, column: maps[at.map - 1].columns - 1 },
      ArrowRight: at.column < columns - 1 || at.map === maps.length - 1
        ? { column: at.column + 1 }
        : { map: at.map + 1, column: 0 },
      Home: event.ctrlKey ? { row: 0, column: 0 } : { column: 0 },
      End: event.ctrlKey ? { row: rows - 1, column: columns - 1 } : { column: columns - 1 },
      PageUp: { map: at.map - 1 },
      PageDown: { map: at.map + 1 },
    };
    if (event.key === "Escape") this.point(null);
    if (!moves[event.key] || event.altKey || event.metaKey) return;
    event.preventDefault();
    const next = this.within({ ...at, ...moves[event.key] });
    this.home = next;
    this.rove();
    // Focus first: the blur of the map that is left takes its highlight away.
    this.figures[next.map].cells.focus({ preventScroll: false });
    this.point(next);
  }

  // The whole picture is one stop of the Tab key.
  rove() {
    this.figures.forEach(({ cells }, i) => (cells.tabIndex = i === this.home.map ? 0 : -1));
  }

  // The one place where the cell in hand changes: highlight and read out.
  point(at) {
    if (this.at && this.at.map < this.figures.length) this.clear(this.figures[this.at.map]);
    this.at = at;
    if (!at) return this.say(HINT);
    this.home = at;
    this.rove();
    const made = this.figures[at.map];
    const { row, column } = at;
    const draw = made.over.getContext("2d");
    const { inkColour } = this.colours;
    outline(draw, column, row, column + 1, row + 1, made.cell, this.ratio, inkColour, this.colours);
    return this.say(this.reading(this.picture.maps[at.map], row, column));
  }

  clear({ over }) {
    over.getContext("2d").clearRect(0, 0, over.width, over.height);
  }

  reading(map, row, column) {
    const value = map.values[row * map.columns + column];
    const decimals = map.whole ? 0 : Math.max(4, map.decimals);
    const [top, , , left] = map.padding;
    const place = isPadding(map, row, column)
      ? "padding"
      : `row ${row - top}, column ${column - left}`;
    const note = isDropped(map, row, column) ? ", reached by no window" : "";
    return `${map.title ? `${map.title}: ` : ""}${place}${note}: ${number(value, decimals)}`;
  }

  say(text) {
    if (this.status.textContent !== text) this.status.textContent = text;
  }
}
