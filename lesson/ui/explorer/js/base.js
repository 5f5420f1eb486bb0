// What every picture shares: reading what Python sent, numbers, colours, painting cells, and the
// view that a picture is. The files of this folder are joined into one module, this one first.

const USUAL_TYPE = 18; // what the root's type measures in the lesson's own theme, in CSS pixels
const LEAST_TYPE = 10;
const READABLE_CELL = 22; // from here on values are written into the cells unless told otherwise
const DIGIT = 0.54; // of the type's size: how wide a digit is, with a little room
const FADED = 0.7; // how far cells that no window reaches are taken towards the background
const REST = 300; // ms without a change after which the rest of the page follows
const PATIENCE = 3000; // ms, if something was touched in between
const IDLE = "notRunning"; // what Streamlit writes into the page when nothing runs or is asked for
const STEPS = 256; // of a colour scale; even, so that zero has a step of its own in the middle

// The class that draws each kind of picture: each file adds its own.
const KINDS = {};

// How much larger than usual the page is set, on a stage: type and lines of all pictures follow.
let enlarged = 1;

// ---- what Python sent -------------------------------------------------------------------------


function decode(bytes) {
  const length = new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true);
  const picture = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length)));
  let start = 4 + length;
  for (const map of picture.maps ?? []) {
    const wide = map.type === "uint8" ? 1 : 4;
    const one = map.rows * map.columns;
    const part = bytes.slice(start, (start += (map.count ?? 1) * one * wide));
    const all = wide === 1 ? part : new Float32Array(part.buffer);
    // A stack is several maps of one size that share one scale.
    map.stack = Array.from({ length: map.count ?? 1 }, (_, i) => all.subarray(i * one, (i + 1) * one));
    map.values = map.stack[0];
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
  return Math.min((cell - 4) / (letters * DIGIT), cell * 0.5, 26 * enlarged);
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
  for (const name of ["padding", "hatch", "window", "result", "other", "zero", "ink", "negative", "positive"]) {
    colours[`${name}Colour`] = style.getPropertyValue(`--${name}`).trim();
  }
  return colours;
}

function colourOf(map, value, colours) {
  const part = (value - map.low) / (map.high - map.low);
  return colours[map.scale][Math.round(Math.min(1, Math.max(0, part)) * STEPS)];
}

// ---- painting ---------------------------------------------------------------------------------

// What is painted stays, what is lit is drawn over it and taken away again: both on one canvas, since
// each is a layer to the browser, which it moves at every frame of the page.
class Sheet {
  constructor(parent, name = "") {
    this.canvas = element("canvas", name, parent);
    this.pen = this.canvas.getContext("2d");
    this.still = document.createElement("canvas").getContext("2d");
  }

  // Sizes in device pixels.
  resize(width, height, ratio) {
    for (const { canvas } of [this.pen, this.still]) resize(canvas, width, height, ratio);
  }

  // All paint off; returns the pen of what stays.
  blank() {
    this.still.clearRect(0, 0, this.canvas.width, this.canvas.height);
    return this.still;
  }

  // Nothing is lit any more; returns the pen for what is.
  clear() {
    const { pen } = this;
    pen.globalCompositeOperation = "copy";
    pen.drawImage(this.still.canvas, 0, 0);
    pen.globalCompositeOperation = "source-over";
    return pen;
  }
}

function resize(canvas, width, height, ratio) {
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  canvas.style.width = `${width / ratio}px`;
  canvas.style.height = `${height / ratio}px`;
}

// Where a box stands within a frame, in device pixels: the browser moves both to whole ones.
function placeIn(frame, box, ratio) {
  const from = (side) => Math.round(box[side] * ratio) - Math.round(frame[side] * ratio);
  return [from("left"), from("top")];
}

// A map drawn from the pen's origin on.
function paintMap(draw, map, cell, ratio, colours) {
  const { rows, columns, values } = map;
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
    draw.fillText(value === 0 ? "0" : number(value, map.decimals), (column + 0.5) * cell, (row + 0.53) * cell);
  });
}

// A line of its colour inside a line of paper: seen on every colour of a scale.
function outline(draw, left, top, right, bottom, cell, ratio, colour, colours) {
  const line = Math.max(2, Math.min(4, cell / ratio / 6)) * enlarged * ratio;
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

// The ends of a scale of colours and what lies between, below a map.
function drawScale(legend, map, colours) {
  const tenths = Array.from({ length: 11 }, (_, i) => Math.round((i / 10) * STEPS));
  const steps = tenths.map((step) => `rgb(${colours[map.scale][step]})`);
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

// What the hatchings and the boxes of a map mean.
function drawKeys(node, map) {
  const keys = [];
  if (map.padding.some((count) => count > 0)) keys.push(["padding", "padding"]);
  if (map.dropped.some((count) => count > 0)) keys.push(["dropped", "reached by no window"]);
  for (const [, , , , label, tone] of map.marks) if (label) keys.push([tone, label]);
  if (!changed(node, keys)) return;
  node.replaceChildren();
  for (const [kind, label] of keys) {
    const key = element("span", kind, node);
    key.style.setProperty("--swatch", `var(--${kind})`);
    key.textContent = label;
  }
}

// Which of `length` inputs the outputs see.
function backward(window, [first, behind], length = Infinity) {
  let [low, high] = [Infinity, 0];
  for (let output = first; output < behind; output += 1) {
    for (let tap = 0; tap < window.size; tap += 1) {
      const at = output * window.strides - window.before + tap * window.dilation;
      if (at < 0 || at >= length) continue;
      low = Math.min(low, at);
      high = Math.max(high, at + 1);
    }
  }
  return low < high ? [low, high] : [0, 0];
}

// Which of `length` outputs the inputs reach.
function forward(window, [first, behind], length) {
  let [low, high] = [Infinity, 0];
  for (let output = 0; output < length; output += 1) {
    for (let tap = 0; tap < window.size; tap += 1) {
      const at = output * window.strides - window.before + tap * window.dilation;
      if (at < first || at >= behind) continue;
      low = Math.min(low, output);
      high = output + 1;
    }
  }
  return low < high ? [low, high] : [0, 0];
}

// A picture belongs to one place in the page and is changed in place: `show` is called again for
// each new picture and each change of the theme. What differs between kinds is `build`, which makes
// the elements that a picture needs, and `layout`, which sizes and paints them.
class View {
  constructor(parent, kind) {
    this.root = element("div", `explorer ${kind}`, parent);
    this.kind = kind;
    this.turn = 0;
    this.again = () => this.relayout();
    this.watcher = new ResizeObserver(() => {
      if (this.root.clientWidth !== this.width) this.relayout();
    });
    this.sight = new IntersectionObserver(() => {
      if (this.top() !== this.from) this.relayout();
    }, { threshold: 1 });
  }

  show(picture, send) {
    this.picture = picture;
    this.send = send;
    const style = getComputedStyle(this.root);
    const paper = rgb(style.getPropertyValue("--st-background-color").trim());
    this.root.classList.toggle("dark", luminance(paper) < 0.18);
    this.colours = palette(this.root);
    this.build();
    this.relayout();
    this.watcher.observe(this.root);
    window.addEventListener("resize", this.again);
    this.turn += 1;
    this.root.dataset.turn = this.turn; // whoever waits for the picture sees that it is drawn
    return this.turn;
  }

  relayout() {
    this.width = this.root.clientWidth;
    this.ratio = window.devicePixelRatio || 1;
    const type = parseFloat(getComputedStyle(document.documentElement).fontSize);
    enlarged = Math.max(1, type / USUAL_TYPE);
    if (!this.width) return; // hidden: the watcher calls again when there is room
    this.layout(0);
    // Only of a picture that stands there is it known whether it fits. What is narrower may need
    // more lines for its titles, so that once may not be enough.
    for (let tries = 3, less = 0; tries && (less = this.tooHigh()) > 0; tries -= 1) this.layout(less);
    // What stands above may come late, or be opened: then it is moved out of sight, or back.
    if (enlarged > 1) this.sight.observe(this.root);
  }

  // Where on the page the picture begins, in CSS pixels.
  top() {
    const scrolled = document.querySelector("[data-testid=stMain]")?.scrollTop ?? 0;
    return Math.round(this.root.getBoundingClientRect().top + scrolled);
  }

  // How far the picture reaches beyond the screen: on a stage, the one that a page begins with is
  // seen as a whole.
  tooHigh() {
    this.from = this.top();
    if (enlarged === 1 || this.from > window.innerHeight / 2) return 0;
    return this.from + this.root.offsetHeight + 2 - window.innerHeight;
  }

  stop(turn) {
    // A render that was overtaken cleans up late: it must not stop the one that came after it.
    if (turn !== this.turn) return;
    this.bytes = null;
    this.watcher.disconnect();
    this.sight.disconnect();
    window.removeEventListener("resize", this.again);
    this.halt();
  }

  halt() {}

  // The live region speaks a sentence once, and not again as long as it is the same.
  say(text) {
    if (this.status.textContent !== text) this.status.textContent = text;
  }
}

const views = new WeakMap();
const THEME = ["background-color", "text-color", "primary-color", "font", "base-font-size"];

// What the component in the page calls: one view for each place, made anew for another kind. What
// shows the same already is left alone, with whatever the reader is doing there.
function show({ data, parentElement, setTriggerValue }) {
  if (!data) return undefined;
  follow(data.at(-1), parentElement);
  data = data.subarray(0, -1);
  let view = views.get(parentElement);
  const style = getComputedStyle(parentElement.host);
  const theme = THEME.map((name) => style.getPropertyValue(`--st-${name}`)).join();
  if (view?.theme === theme && equal(view.bytes, data)) {
    view.send = setTriggerValue;
    const turn = (view.turn += 1);
    return () => view.stop(turn);
  }
  const picture = decode(data);
  if (view && view.kind !== picture.kind) {
    view.stop(view.turn);
    view.root.remove();
    view = undefined;
  }
  if (!view) {
    parentElement.adoptedStyleSheets = [SHEET];
    views.set(parentElement, (view = new KINDS[picture.kind](parentElement, picture.kind)));
  }
  Object.assign(view, { bytes: data, theme });
  const turn = view.show(picture, setTriggerValue);
  return () => view.stop(turn);
}

// The page behind a picture is asked for when the reader rests: while a slider moves on, the picture
// follows it alone. The page has caught up when the picture that is ahead of it (1) comes with the
// whole page (0). Others that come with a page prove nothing: they may be of a run before, shown
// together with what is newer. One that the page need not follow (2) says nothing.
const ahead = new Set();

function follow(page, picture) {
  if (page === 2) return;
  if (page === 1) ahead.add(picture);
  else ahead.delete(picture);
  for (const one of ahead) if (!one.isConnected) ahead.delete(one);
  clearTimeout(follow.timer);
  follow.drawn = performance.now();
  if (ahead.size) follow.timer = setTimeout(rest, REST);
}

// A run that is asked for takes the controls along as the browser has them. Asked for while the
// answer to a click is on its way, it would put back what the click has just changed in Python: so
// whoever has touched anything since the picture came is given more time.
function rest() {
  const app = document.querySelector("[data-testid=stApp]");
  const running = (app?.dataset.testScriptState ?? IDLE) !== IDLE;
  const touched = globalThis.cnnClassroom.touched ?? 0;
  const still = performance.now() - Math.max(touched, follow.drawn);
  if (running || still < (touched > follow.drawn ? PATIENCE : REST)) {
    follow.timer = setTimeout(rest, REST / 3);
  } else {
    ahead.clear();
    follow.ask();
  }
}

function equal(one, other) {
  return one?.length === other.length && one.every((byte, i) => byte === other[i]);
}
