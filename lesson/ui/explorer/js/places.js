// How a window lies on its input: which cells meet at which place. Rows and columns of the input are
// those of the padded one; the names of its cells count from the picture.

class Places {
  constructor({ strides, dilation, plot }, inputs, kernel, result) {
    Object.assign(this, { strides, dilation, plot, inputs });
    this.down = kernel.rows; // of the window
    this.across = kernel.columns;
    this.rows = result.rows; // of the result
    this.columns = result.columns;
    this.count = this.rows * this.columns;
  }

  at(place) {
    return { row: Math.floor(place / this.columns), column: place % this.columns };
  }

  // The cells from the first to the last that a window spans, half-open.
  window({ row, column }) {
    const top = row * this.strides[0];
    const left = column * this.strides[1];
    return {
      top,
      left,
      bottom: top + (this.down - 1) * this.dilation[0] + 1,
      right: left + (this.across - 1) * this.dilation[1] + 1,
    };
  }

  // What the kernel's cell (i, j) meets while the window is at a place of the result.
  meets(i, j, row, column) {
    return [row * this.strides[0] + i * this.dilation[0], column * this.strides[1] + j * this.dilation[1]];
  }

  // Which cell of the result uses a cell of the input by the kernel's cell (i, j); null if none.
  fed(i, j, row, column) {
    const y = (row - i * this.dilation[0]) / this.strides[0];
    const x = (column - j * this.dilation[1]) / this.strides[1];
    const there = Number.isInteger(y) && Number.isInteger(x);
    return there && y >= 0 && x >= 0 && y < this.rows && x < this.columns ? [y, x] : null;
  }

  // Every cell of the kernel: its row, its column, its number.
  each(act) {
    for (let i = 0; i < this.down; i += 1) {
      for (let j = 0; j < this.across; j += 1) act(i, j, i * this.across + j);
    }
  }

  isPadding(row, column) {
    return isPadding(this.inputs, row, column);
  }

  name(row, column) {
    const [top, , , left] = this.inputs.padding;
    if (this.isPadding(row, column)) return "padding";
    return this.plot ? `time ${column - left}` : `row ${row - top}, column ${column - left}`;
  }

  resultName(row, column) {
    return this.plot ? `answer ${column}` : `row ${row}, column ${column}`;
  }
}
