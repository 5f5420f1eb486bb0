// The middle of the stage: the kernel, each of its cells with the value that lies over it, and the
// ledger below that adds them up. The numbers are those of Python's arrays; only the products are
// worked out here, and what they add up to is held against Python's sum.

// A number of the arithmetic: three places, more where it is small, fewer where it is large.
function figureText(value, places = 3) {
  if (!Number.isFinite(value) || Number.isInteger(value)) return number(value, 0);
  const size = Math.abs(value);
  if (size >= 100) return number(value, 1);
  if (size < 0.5 * 10 ** -places) return number(value, 6).replace(/0+$/, "").replace(/\.$/, "");
  return number(value, places);
}

// A text as a number again: what the rounded terms, as they stand there, add up to.
function shown(text) {
  return Number(text.replace("−", "-"));
}

class Arithmetic {
  // `scene` is the view: it has picture, places, colours, inputMap, weightMap, partMap, parts, sums,
  // results, channel, and pointAt(target), pin(target), leave(), focused(target), send.
  constructor(scene, parent) {
    this.scene = scene;
    this.root = element("div", "middle", parent);
    const head = element("div", "head", this.root);
    this.title = element("div", "title", head);
    this.reset = button("Reset", "", head, () => scene.send("edit", { reset: true }));
    this.reset.className = "scope";
    this.kernel = element("div", "window", this.root);
    this.kernel.tabIndex = 0;
    this.kernel.setAttribute("role", "application");
    this.kernel.addEventListener("pointerleave", () => scene.leave());
    this.kernel.addEventListener("focus", () => scene.focused({ on: "kernel" }));
    this.ledger = element("div", "ledger", this.root);
    this.ledger.setAttribute("role", "group");
    this.ledger.setAttribute("aria-label", "The arithmetic");
  }

  get convolves() {
    return this.scene.picture.operations[0] === "convolution";
  }

  get counts() {
    return this.scene.picture.operations[0] === "count";
  }

  // As many cells as the kernel has.
  build(map, editable, reset) {
    const { rows, columns } = map;
    this.reset.hidden = !reset;
    this.reset.title = this.reset.ariaLabel = reset ?? "";
    write(this.title, map.title ?? "");
    const what = this.convolves ? "each weight under the value it meets" : "what is under the window";
    const edit = editable ? ", Enter edits one" : "";
    this.kernel.setAttribute("aria-label", `${map.title}: ${what}, arrow keys move${edit}`);
    if (!changed(this.kernel, rows, columns, this.convolves)) return;
    this.kernel.replaceChildren();
    this.kernel.style.gridTemplateColumns = `repeat(${columns}, 1fr)`;
    this.cells = Array.from({ length: rows * columns }, (_, n) =>
      this.cell(Math.floor(n / columns), n % columns, rows, columns),
    );
  }

  cell(row, column, rows, columns) {
    const made = element("div", "cell", this.kernel);
    made.style.setProperty("--hue", hue(row, column, rows, columns));
    made.addEventListener("pointermove", (event) => {
      if (event.pointerType === "mouse") this.scene.pointAt({ on: "kernel", row, column });
    });
    made.addEventListener("pointerdown", () => this.scene.pin({ on: "kernel", row, column }));
    made.addEventListener("dblclick", () => this.edit(row, column));
    const cell = { made, value: element("span", "value", made) };
    if (this.convolves) {
      cell.weight = element("span", "weight", made);
      cell.product = element("span", "product", made);
    }
    return cell;
  }

  // ---- what stands there, by what is pointed at; each returns the sentence that says it

  write({ on, row, column }) {
    if (on === "input") return this.writePixel(row, column);
    if (on === "kernel") return this.writeWeight(row, column);
    const under = this.under(row, column);
    const place = row * this.scene.places.columns + column;
    this.scene.root.dataset.value = this.scene.results[0].values[place];
    const name = this.scene.places.resultName(row, column);
    if (this.convolves) return this.writeSum(under, place, name);
    return this.counts ? this.writeCount(under, name) : this.writePool(under, place, name);
  }

  // The cells that lie under the window at a place of the result.
  under(row, column) {
    const { places, inputMap, weightMap } = this.scene;
    const found = [];
    places.each((i, j, n) => {
      const [y, x] = places.meets(i, j, row, column);
      const value = inputMap.values[y * inputMap.columns + x];
      found.push({ n, y, x, value, weight: weightMap.values[n], padding: places.isPadding(y, x) });
    });
    return found;
  }

  writeSum(under, place, name) {
    const { picture, parts, partMap, sums, results } = this.scene;
    let exact = 0;
    let rounded = 0;
    for (const term of under) {
      const product = term.value * term.weight;
      exact += product;
      rounded += shown(this.text(term.value)) * shown(this.text(term.weight));
      this.fill(this.cells[term.n], { ...term, product });
    }
    const { bias, activation, editable } = picture;
    const out = results[0].values[place];
    const before = sums ? sums.values[place] : out;
    const part = parts ? partMap.values[place] : before - bias;
    const equals = figureText(rounded) === figureText(part) ? "=" : "≈";
    const lines = [[parts ? `channel ${this.scene.channel + 1}` : "sum of the products", `${equals} ${figureText(part)}`]];
    if (parts) lines.push([`all ${parts.stack.length} channels`, `= ${figureText(before - bias)}`]);
    if (bias || editable) lines.push(["bias", `${bias < 0 ? "−" : "+"} ${figureText(Math.abs(bias))}`]);
    if (bias || editable || parts) lines.push(["together", `= ${figureText(before)}`]);
    const names = { relu: "ReLU", sigmoid: "sigmoid", tanh: "tanh" };
    if (activation !== "linear") lines.push([names[activation] ?? activation, `→ ${figureText(out)}`]);
    this.writeLedger(lines);
    this.scene.root.dataset.sum = exact;
    return `${results[0].title}: ${name} = ${figureText(out)}.`;
  }

  writePool(under, place, name) {
    const { picture, places, results } = this.scene;
    const real = under.filter(({ padding }) => !padding);
    const most = Math.max(...real.map(({ value }) => value));
    const winner = real.find(({ value }) => value === most);
    const takes = picture.operations.includes("max");
    for (const term of under) this.fill(this.cells[term.n], { ...term, lit: takes && term === winner });
    const lines = picture.operations.map((operation, i) => {
      const out = `= ${figureText(results[i].values[place])}`;
      if (operation === "max") return [`largest, at ${places.name(winner.y, winner.x)}`, out];
      const sum = real.reduce((total, { value }) => total + value, 0);
      return [`mean: ${figureText(sum)} ÷ ${real.length}`, out];
    });
    this.writeLedger(lines);
    return `${name}: ${lines.map((line) => line.join(" ")).join("; ")}.`;
  }

  writeCount(under, name) {
    const [top, , , left] = this.scene.inputMap.padding;
    for (const { n, y, x, padding } of under) {
      this.fill(this.cells[n], { text: padding ? "padding" : `${y - top}, ${x - left}`, padding });
    }
    const image = under.filter(({ padding }) => !padding).length;
    this.writeLedger([
      ["cells of the window", `${under.length}`],
      ["of them padding", `− ${under.length - image}`],
      ["pixels that it sees", `= ${image}`],
    ]);
    return `Window ${name} sees ${image} pixels and ${under.length - image} cells of padding.`;
  }

  // A cell of the input: each cell of the kernel says for which result it uses it.
  writePixel(row, column) {
    const { places, inputMap, weightMap, results, picture } = this.scene;
    const value = inputMap.values[row * inputMap.columns + column];
    const fed = [];
    places.each((i, j, n) => {
      const to = places.fed(i, j, row, column);
      if (to) fed.push(to);
      const text = to ? (picture.plot ? `→ ${to[1]}` : `→ ${to[0]}, ${to[1]}`) : "–";
      const weight = weightMap.values[n];
      this.fill(this.cells[n], { text, weight, product: to ? value * weight : undefined });
    });
    const name = places.name(row, column);
    // Where the pool is padded, its cells count for nothing.
    if (!this.convolves && !this.counts && places.isPadding(row, column)) fed.length = 0;
    const used = `${fed.length} window${fed.length === 1 ? "" : "s"}`;
    const lines = [[name, this.counts ? "" : figureText(value)], ["used by", used]];
    if (picture.operations.includes("max")) {
      const wins = fed.filter(([y, x]) => results[0].values[y * places.columns + x] === value);
      lines.push(["the largest in", `${wins.length}`]);
    }
    this.writeLedger(lines);
    this.scene.root.dataset.value = fed.length;
    const weights = this.convolves ? ", each with the weight in whose cell it stands" : "";
    return `${name}${this.counts ? "" : `: ${figureText(value)}`}, used by ${used}${weights}.`;
  }

  // A cell of the kernel: everything that it meets while the window slides.
  writeWeight(row, column) {
    const { places, weightMap } = this.scene;
    places.each((i, j, n) => {
      this.fill(this.cells[n], { text: "", weight: weightMap.values[n], lit: i === row && j === column });
    });
    const weight = figureText(weightMap.values[row * places.across + column]);
    const met = this.scene.met(row, column);
    const padding = met.filter(([y, x]) => places.isPadding(y, x)).length;
    const lines = [["meets", `${met.length} cells`]];
    if (this.convolves) lines.unshift([`weight in row ${row}, column ${column}`, weight]);
    if (padding) lines.push(["of them padding", `${padding}`]);
    this.writeLedger(lines);
    this.scene.root.dataset.value = met.length;
    const what = this.convolves ? `Weight ${weight}` : "This cell of the window";
    return `${what} meets ${met.length} cells, from ${places.name(...met[0])} to ${places.name(...met.at(-1))}.`;
  }

  // ---- cells and lines

  // Three places where there is room for them, so that what stands there adds up.
  text(value) {
    return number(value, Number.isInteger(value) ? 0 : this.scene.places.across <= 3 ? 3 : 2);
  }

  // One cell: what lies over it (or a text in its place), the weight, and their product.
  fill(cell, { value, text, padding, weight, product, lit }) {
    const { inputMap, weightMap, places } = this.scene;
    cell.made.classList.toggle("padding", Boolean(padding));
    cell.made.classList.toggle("lit", Boolean(lit));
    cell.value.textContent = text ?? this.text(value);
    if (padding || text !== undefined) cell.value.removeAttribute("style");
    else this.paint(cell.value, value, inputMap);
    if (!cell.weight) return;
    cell.weight.textContent = `${places.across <= 4 ? "× " : ""}${this.text(weight)}`;
    this.paint(cell.weight, weight, weightMap);
    const places2 = Number.isInteger(product) ? 0 : 2;
    cell.product.textContent = product === undefined ? "" : `= ${number(product, places2)}`;
  }

  paint(span, value, map) {
    const colour = colourOf(map, value, this.scene.colours);
    span.style.backgroundColor = `rgb(${colour})`;
    span.style.color = luminance(colour) > 0.179 ? "#000" : "#fff";
  }

  writeLedger(lines) {
    const field = this.ledger.querySelector("input");
    if (field && field === this.scene.root.getRootNode().activeElement) return; // it is being typed in
    const { bias, editable } = this.scene.picture;
    if (!changed(this.ledger, lines, bias, editable)) return;
    const rows = lines.map(([label, value]) => {
      const line = document.createElement("div");
      element("span", "", line).textContent = label;
      if (label === "bias" && editable) line.append(this.biasField());
      else element("span", "amount", line).textContent = value;
      return line;
    });
    rows.at(-1).className = "last";
    this.ledger.replaceChildren(...rows);
  }

  // ---- editing

  edit(row, column) {
    const { picture, weightMap, channel } = this.scene;
    if (!picture.editable || !this.convolves) return;
    const n = row * weightMap.columns + column;
    const { made } = this.cells[n];
    if (made.querySelector("input")) return;
    const given = Number(weightMap.values[n].toPrecision(4));
    const field = numberField(`Weight in row ${row}, column ${column}`, given, (value) => {
      this.scene.send("edit", { channel, row, column, value });
    });
    field.className = "field";
    // Whatever ends the typing, the field goes; after a key the kernel has the focus again.
    field.addEventListener("blur", () => field.remove());
    field.addEventListener("keydown", ({ key }) => {
      if (key === "Enter" || key === "Escape") this.kernel.focus({ preventScroll: true });
    });
    made.append(field);
    field.focus();
    field.select();
  }

  biasField() {
    const given = Number(this.scene.picture.bias.toPrecision(4));
    return numberField("Bias", given, (bias) => this.scene.send("edit", { bias }));
  }
}

// A field that tells a number when it is left or Enter is pressed, and nothing on Escape.
function numberField(label, given, tell) {
  const field = document.createElement("input");
  Object.assign(field, { type: "number", step: "any", value: given, ariaLabel: label });
  field.addEventListener("change", () => {
    if (Number.isFinite(field.valueAsNumber) && field.valueAsNumber !== given) tell(field.valueAsNumber);
    else field.value = given;
  });
  field.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if (event.key === "Escape") field.value = given;
    if (event.key === "Enter" || event.key === "Escape") field.blur();
  });
  return field;
}
