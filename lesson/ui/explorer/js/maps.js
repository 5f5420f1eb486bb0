// Maps in a row or as a gallery: choose one size of cell, paint, read out the cell pointed at.

const GAP = 20; // between figures, in CSS pixels; as in the style sheet
const SIGN = 26; // room for a sign such as "=" between two maps
const NARROWEST = 104; // of a figure in a row, so that its title and legend have room
const LARGEST_CELL = 72;
const GRID_GAP = 14;
const NARROWEST_IN_GRID = 64;
const LARGEST_IN_GRID = 200;
const LOWEST = 150; // a picture of maps, however little room there is
const HINT = "Point at a cell, or move over the cells with the arrow keys, to read its value.";

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
    const needed = map.numbers && enlarged === 1 ? map.letters * DIGIT * 13 + 4 : 0;
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

class Maps extends View {
  constructor(parent, kind) {
    super(parent, kind);
    this.row = element("div", "maps", this.root);
    this.row.setAttribute("role", "group");
    this.common = element("div", "legend", this.root);
    this.status = element("div", "status", this.root);
    this.status.setAttribute("aria-live", "polite");
    this.sheet = new Sheet(this.row, "sheet"); // one for all maps
    this.sheet.canvas.setAttribute("aria-hidden", "true");
    this.rowWatcher = new ResizeObserver(() => {
      if (this.row.clientHeight !== this.rowHeight) this.relayout();
    });
    this.rowWatcher.observe(this.row);
    this.figures = [];
    this.at = null; // the cell pointed at: {map, row, column}
    this.home = { map: 0, row: 0, column: 0 }; // where the keyboard goes on
  }

  // As many figures as maps; those that are there stay, with the focus that may be in them.
  build() {
    const { maps, columns, kind, alt, between: signs } = this.picture;
    for (const map of maps) map.letters = longest(map);
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
    made.base = element("div", "", made.cells);
    made.base.setAttribute("role", "img");
    made.legend = element("div", "legend", figure);
    made.keys = element("div", "keys", figure);
    made.caption = element("div", "caption", figure);
    made.cells.addEventListener("pointerdown", (event) => this.pointer(event, index));
    made.cells.addEventListener("pointermove", (event) => this.pointer(event, index));
    made.cells.addEventListener("pointerleave", (event) => {
      if (event.pointerType === "mouse") this.point(null);
    });
    made.cells.addEventListener("keydown", (event) => this.key(event));
    made.cells.addEventListener("click", () => this.choose(index));
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
    const cells = this.picture.choose === "cells";
    const choosable = cells || (Boolean(this.picture.choose) && "choice" in map);
    const chosen = choosable && !cells && this.picture.chosen === map.choice;
    const keys = `arrow keys read the cells${choosable ? ", Enter takes it" : ""}`;
    made.cells.setAttribute("aria-label", `${map.title ?? "Pixels"}, ${keys}`);
    made.cells.setAttribute("aria-current", chosen);
    made.figure.classList.toggle("choosable", choosable);
    made.figure.classList.toggle("chosen", chosen);
    write(made.title, map.title ?? "");
    write(made.caption, map.caption ?? "");
    made.legend.hidden = !withLegend;
    if (withLegend) drawScale(made.legend, map, this.colours);
    drawKeys(made.keys, map);
  }

  // A gallery has one legend, if all of its maps share one scale.
  describeCommon() {
    const { maps, kind, legend } = this.picture;
    const [first] = maps;
    const one = maps.every((m) => ["scale", "low", "high"].every((name) => m[name] === first[name]));
    this.common.hidden = !(legend && kind === "grid" && one);
    if (!this.common.hidden) drawScale(this.common, first, this.colours);
  }

  // `less` is how much lower than usual it has to be.
  layout(less) {
    const { ratio } = this;
    const { height } = this.picture;
    const most = Math.max(200, 0.6 * window.innerHeight);
    const usual = height && height <= 1 ? height * window.innerHeight : (height ?? most);
    const { maps, kind } = this.picture;
    const parts = kind === "grid" ? [this.row] : this.figures.map(({ base }) => base);
    const now = Math.max(...parts.map((part) => part.clientHeight));
    const limit = less ? Math.max(LOWEST, now - less) : usual;
    const grid = kind === "grid" && gridSizes(this.picture, this.width, limit, ratio);
    const cells = grid ? grid.cells : rowSizes(this.picture, this.width, limit, ratio);
    const least = grid ? NARROWEST_IN_GRID : Math.min(NARROWEST, this.width);
    const widths = maps.map((map, i) => Math.max((map.columns * cells[i]) / ratio, least));
    const line = grid ? grid.perLine * (Math.max(...widths) + GRID_GAP) : 0;
    this.row.style.maxWidth = grid ? `${line}px` : "";
    this.figures.forEach((made, i) => {
      const map = maps[i];
      made.cell = cells[i];
      made.figure.style.width = `${grid ? Math.max(...widths) : widths[i]}px`;
      made.base.style.width = `${(map.columns * cells[i]) / ratio}px`;
      made.base.style.height = `${(map.rows * cells[i]) / ratio}px`;
    });
    this.paintSheet();
    this.point(this.at && this.within(this.at));
  }

  // Where each map stands is for the page to say; there it is painted.
  paintSheet() {
    const { ratio, row } = this;
    const frame = row.getBoundingClientRect();
    const places = this.figures.map(({ base }) => base.getBoundingClientRect());
    this.rowHeight = row.clientHeight;
    this.sheet.resize(Math.ceil(frame.width * ratio), Math.ceil(frame.height * ratio), ratio);
    const draw = this.sheet.blank();
    this.figures.forEach((made, i) => {
      [made.x, made.y] = placeIn(frame, places[i], ratio);
      const map = this.picture.maps[i];
      draw.save();
      draw.translate(made.x, made.y);
      paintMap(draw, map, made.cell, ratio, this.colours);
      if (this.picture.tiles) this.paintTiles(draw, map, made.cell);
      draw.restore();
    });
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
    if (event.key === "Enter") this.choose(at.map);
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
    const draw = this.sheet.clear();
    this.at = at;
    if (!at) return this.say(HINT);
    this.home = at;
    this.rove();
    const { maps, linked } = this.picture;
    const { row, column } = at;
    // Linked maps are of one shape and belong together cell by cell.
    const lit = linked ? maps.map((_, i) => i) : [at.map];
    for (const i of lit) {
      const made = this.figures[i];
      const { inkColour } = this.colours;
      draw.save();
      draw.translate(made.x, made.y);
      outline(draw, column, row, column + 1, row + 1, made.cell, this.ratio, inkColour, this.colours);
      draw.restore();
    }
    if (!linked) return this.say(this.reading(maps[at.map], row, column));
    const values = maps.map((map) => {
      const value = map.values[row * map.columns + column];
      return `${map.title} ${number(value, map.whole ? 0 : Math.max(4, map.decimals))}`;
    });
    const place = this.picture.tiles
      ? this.tilePlace(row, column)
      : this.picture.places?.[row * maps[0].columns + column];
    return this.say(`${place ?? `Row ${row}, column ${column}`}: ${values.join(", ")}`);
  }

  // Maps laid of smaller ones: a line between two of those, and a cell called by its own.
  paintTiles(draw, map, cell) {
    const [high, wide] = this.picture.tiles;
    const line = Math.max(1, Math.round(this.ratio));
    draw.fillStyle = this.colours.hatchColour;
    for (let row = high; row < map.rows; row += high) {
      draw.fillRect(0, row * cell, map.columns * cell, line);
    }
    for (let column = wide; column < map.columns; column += wide) {
      draw.fillRect(column * cell, 0, line, map.rows * cell);
    }
  }

  tilePlace(row, column) {
    const [high, wide] = this.picture.tiles;
    const across = this.picture.maps[0].columns / wide;
    const tile = Math.floor(row / high) * across + Math.floor(column / wide) + 1;
    return `Map ${tile}, row ${row % high}, column ${column % wide}`;
  }

  // A gallery may be there to choose from: Python is told which map was taken.
  choose(index) {
    const { choice } = this.picture.maps[index];
    if (this.picture.choose === "cells") {
      if (this.at) this.send("chosen", [this.at.row, this.at.column]);
    } else if (this.picture.choose && choice !== undefined) this.send("chosen", choice);
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
}

KINDS.row = KINDS.grid = Maps;
