// One map in a port of its own, which can be zoomed and scrolled, and on which cells are lit; and a
// series drawn as bars, which is a map of one row.

// The colours that tie a cell of the kernel to what it meets run between these four corners:
// blue, orange, green and purple of Okabe and Ito, told apart by the colour-blind.
const CORNERS = [[0, 114, 178], [230, 159, 0], [0, 158, 115], [204, 121, 167]];

function hue(row, column, rows, columns) {
  const y = rows > 1 ? row / (rows - 1) : 0.5;
  const x = columns > 1 ? column / (columns - 1) : rows > 1 ? 0.5 : 0;
  const mixed = [0, 1, 2].map((c) => {
    const [a, b, d, e] = CORNERS.map((corner) => corner[c]);
    return Math.round((a * (1 - x) + b * x) * (1 - y) + (d * (1 - x) + e * x) * y);
  });
  return `rgb(${mixed})`;
}

class Pane {
  constructor(view, parent, on) {
    this.view = view;
    this.on = on;
    this.figure = element("figure", `pane ${on}`, parent);
    this.title = element("figcaption", "title", this.figure);
    this.port = element("div", "port", this.figure);
    this.cells = element("div", "cells", this.port);
    this.cells.tabIndex = 0;
    this.cells.setAttribute("role", "application");
    this.sheet = new Sheet(this.cells);
    this.base = this.sheet.canvas;
    this.base.setAttribute("role", "img");
    this.legend = element("div", "legend", this.figure);
    this.keys = element("div", "keys", this.figure);
    const { cells } = this;
    cells.addEventListener("pointermove", (event) => view.hover(this, event));
    cells.addEventListener("pointerdown", (event) => view.press(this, event));
    cells.addEventListener("pointerleave", (event) => {
      if (event.pointerType === "mouse") view.leave();
    });
    cells.addEventListener("focus", () => view.focused(this));
  }

  describe(map, colours, plot) {
    this.map = map;
    this.plot = plot;
    write(this.title, map.title ?? "");
    const size = plot ? `${map.columns} values` : `${map.rows} rows, ${map.columns} columns`;
    this.base.setAttribute("aria-label", `${map.title ?? "Pixels"}: ${size}`);
    this.cells.setAttribute("aria-label", `${map.title ?? "Pixels"}, arrow keys move over the cells`);
    this.legend.hidden = plot; // the heights say it
    if (!plot) drawScale(this.legend, map, colours);
    drawKeys(this.keys, map);
  }

  // `cell` is in device pixels, `zoom` how many times larger the cells are inside the port.
  paint(cell, zoom, ratio, colours, high) {
    const { map, sheet, plot } = this;
    this.cell = cell * zoom;
    this.ratio = ratio;
    this.high = high;
    sheet.resize(map.columns * this.cell, plot ? high : map.rows * this.cell, ratio);
    (plot ? paintPlot : paintMap)(sheet.blank(), map, this.cell, ratio, colours);
    const wide = (map.columns * cell) / ratio;
    this.port.style.overflow = zoom > 1 ? "auto" : "";
    this.port.style.width = zoom > 1 ? `${wide + 6}px` : "";
    this.port.style.height = zoom > 1 ? `${(map.rows * cell) / ratio + 6}px` : "";
    this.figure.style.width = `${Math.max(wide + 6, 96)}px`;
  }

  at(event) {
    const box = this.base.getBoundingClientRect();
    const size = this.cell / this.ratio;
    const within = (value, count) => Math.min(Math.max(Math.floor(value), 0), count - 1);
    const row = this.plot ? 0 : within((event.clientY - box.top) / size, this.map.rows);
    return { on: this.on, row, column: within((event.clientX - box.left) / size, this.map.columns) };
  }

  get pen() {
    return this.sheet.pen;
  }

  clear() {
    this.sheet.clear();
  }

  // A box around cells, half-open; over a curve it is as high as the whole.
  box(left, top, right, bottom, colour, colours, around = false) {
    if (!this.plot) {
      const line = Math.max(2, Math.min(4, this.cell / this.ratio / 6)) * enlarged + 1;
      const out = around ? (line * this.ratio) / this.cell : 0;
      outline(this.pen, left - out, top - out, right + out, bottom + out, this.cell, this.ratio, colour, colours);
      return;
    }
    const line = 3 * enlarged * this.ratio;
    for (const [wide, style] of [[line + 2 * this.ratio, colours.zeroColour], [line, colour]]) {
      this.pen.lineWidth = wide;
      this.pen.strokeStyle = style;
      const inset = line / 2 + this.ratio;
      this.pen.strokeRect(
        left * this.cell + inset / 2, inset, (right - left) * this.cell - inset, this.high - 2 * inset,
      );
    }
  }

  fill(left, top, right, bottom, style) {
    const { pen: draw, cell } = this;
    draw.fillStyle = style;
    const [y, high] = this.plot ? [0, this.high] : [top * cell, (bottom - top) * cell];
    draw.fillRect(left * cell, y, (right - left) * cell, high);
  }

  // A thin frame in a cell, of the colour of the kernel's cell that it meets.
  tie(row, column, colour) {
    const { pen: draw, cell, ratio } = this;
    const line = Math.max(1, Math.min(3, cell / ratio / 7)) * enlarged * ratio;
    const inset = line / 2 + (cell / ratio >= 14 ? 2 : 0.5) * ratio;
    draw.lineWidth = line;
    draw.strokeStyle = colour;
    draw.strokeRect(column * cell + inset, row * cell + inset, cell - 2 * inset, cell - 2 * inset);
  }

  // All cells but these are veiled.
  spare(cells, colours) {
    const { pen: draw, cell } = this;
    const [step, high] = this.plot ? [0, this.high] : [cell, cell];
    const veil = new Path2D();
    veil.rect(0, 0, this.base.width, this.base.height);
    for (const [row, column] of cells) veil.rect(column * cell, row * step, cell, high);
    draw.globalAlpha = 0.72;
    draw.fillStyle = colours.zeroColour;
    draw.fill(veil, "evenodd");
    draw.globalAlpha = 1;
  }

  reveal(top, left, bottom, right) {
    const { port } = this;
    if (port.scrollWidth <= port.clientWidth && port.scrollHeight <= port.clientHeight) return;
    const size = this.cell / this.ratio;
    const fit = (from, to, at, room) =>
      from < at ? from : to > at + room ? Math.max(0, to - room) : at;
    port.scrollLeft = fit(left * size, right * size, port.scrollLeft, port.clientWidth);
    port.scrollTop = fit(top * size, bottom * size, port.scrollTop, port.clientHeight);
  }
}

// A series as bars that stand on zero.
function paintPlot(draw, map, cell, ratio, colours) {
  const { width, height } = draw.canvas;
  const edge = 6 * ratio;
  const [low, high] = map.values.reduce(
    ([least, most], value) => (Number.isFinite(value) ? [Math.min(least, value), Math.max(most, value)] : [least, most]),
    [0, 0],
  );
  const y = (value) => height - edge - ((value - low) / (high - low || 1)) * (height - 2 * edge);
  const [, right, , left] = map.padding;
  if (left + right > 0) {
    const border = new Path2D();
    border.rect(0, 0, left * cell, height);
    border.rect((map.columns - right) * cell, 0, right * cell, height);
    draw.fillStyle = colours.paddingColour;
    draw.fill(border);
    hatch(draw, border, 1, 6, false, ratio, colours, 0.55);
  }
  map.values.forEach((value, i) => {
    if (!Number.isFinite(value)) return;
    const [top, bottom] = [Math.min(y(value), y(0)), Math.max(y(value), y(0))];
    draw.fillStyle = value < 0 ? colours.negativeColour : colours.positiveColour;
    const gap = cell >= 6 ? Math.max(1, Math.round(cell / 8)) : 0;
    draw.fillRect(i * cell + gap, top, cell - 2 * gap, Math.max(bottom - top, ratio));
  });
  draw.fillStyle = colours.inkColour;
  draw.fillRect(0, Math.round(y(0)), width, Math.max(1, Math.round(ratio)));
  // Its ends, so that heights can be read.
  draw.font = `${14 * enlarged * ratio}px ${colours.font}`;
  draw.textAlign = "right";
  for (const [value, baseline] of [[high, "top"], [low, "bottom"]]) {
    if (value === 0) continue;
    draw.textBaseline = baseline;
    draw.fillText(end(value), width - 3 * ratio, baseline === "top" ? 2 * ratio : height);
  }
}
