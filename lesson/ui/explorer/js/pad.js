// The drawing pad: strokes of a pen by mouse, finger, stylus or keyboard. A drawing is a list of
// strokes, a stroke one list [x, y, x, y, ...] of whole numbers on a grid that Python names.

const NEAR = 2; // points of the grid: a move shorter than this is not worth a point
const STEP = 10; // how far an arrow key moves the pen; with Shift a fifth of it
const ARROWS = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };
const KEYS = "Arrow keys move the pen, Space puts it down and lifts it, Ctrl+Z takes a stroke back.";

class Pad extends View {
  constructor(parent, kind) {
    super(parent, kind);
    this.strokes = [];
    this.past = []; // the drawings before this one, for undo
    this.serial = -1;
    this.settled = true;
    this.cells = element("div", "sheet", this.root);
    this.cells.tabIndex = 0;
    this.cells.setAttribute("role", "application");
    this.cells.setAttribute("aria-roledescription", "drawing pad");
    this.canvas = element("canvas", "", this.cells);
    this.buttons = element("div", "buttons", this.root);
    this.undoing = this.button("Undo", () => this.undo());
    this.clearing = this.button("Clear", () => this.clear());
    this.status = element("div", "status", this.root);
    this.status.setAttribute("role", "status");
    this.listen();
  }

  button(text, press) {
    const made = element("button", "", this.buttons);
    made.type = "button";
    made.textContent = text;
    made.addEventListener("click", press);
    return made;
  }

  listen() {
    const on = (name, react) => this.cells.addEventListener(name, react);
    on("pointerdown", (event) => this.press(event));
    on("pointermove", (event) => this.move(event));
    on("pointerup", (event) => this.release(event));
    on("pointercancel", (event) => this.release(event));
    on("keydown", (event) => this.key(event));
    on("focus", () => this.focus());
    on("blur", () => {
      if (this.pointer === undefined) this.lift();
      this.place = undefined;
      this.draw();
    });
  }

  // ---- what Python hands back -----------------------------------------------------------------

  // Each change has a number, and Python hands the drawing back with the number of the last change
  // that it knows. An older one is still on its way and must not wipe out what is newer here. But
  // once Python has caught up, an older one means that it has forgotten the drawing.
  build() {
    const { serial, strokes, alt } = this.picture;
    if (serial === this.serial) this.settled = true;
    else if (serial > this.serial || this.settled) {
      this.serial = serial;
      this.settled = true;
      this.strokes = strokes;
      this.past = strokes.map((_, i) => strokes.slice(0, i));
      this.stroke = undefined;
    }
    this.cells.setAttribute("aria-label", `${alt} ${KEYS}`);
    this.enable();
  }

  layout() {
    const side = Math.min(this.width, this.picture.side);
    this.cells.style.width = `${side}px`;
    resize(this.canvas, Math.round(side * this.ratio), Math.round(side * this.ratio), this.ratio);
    this.draw();
  }

  draw() {
    const { grid, pen: wide } = this.picture;
    const draw = this.canvas.getContext("2d");
    const scale = this.canvas.width / grid;
    draw.setTransform(scale, 0, 0, scale, 0, 0);
    draw.clearRect(0, 0, grid, grid);
    draw.lineCap = draw.lineJoin = "round";
    draw.lineWidth = wide;
    draw.strokeStyle = this.colours.inkColour;
    for (const stroke of this.stroke ? [...this.strokes, this.stroke] : this.strokes) {
      draw.beginPath();
      draw.moveTo(stroke[0], stroke[1]);
      for (let i = 0; i < stroke.length; i += 2) draw.lineTo(stroke[i], stroke[i + 1]);
      draw.stroke();
    }
    if (!this.place) return;
    // The keyboard's pen: a ring, full once it is down.
    draw.beginPath();
    draw.arc(...this.place, wide / 2, 0, 2 * Math.PI);
    draw.lineWidth = 4;
    draw.strokeStyle = this.colours.windowColour;
    draw.fillStyle = this.colours.windowColour;
    if (this.stroke) draw.fill();
    draw.stroke();
  }

  // ---- strokes --------------------------------------------------------------------------------

  get full() {
    const points = this.strokes.reduce((sum, stroke) => sum + stroke.length / 2, 0);
    const { most_strokes: strokes, most_points: most } = this.picture;
    const now = this.stroke ? this.stroke.length / 2 : 0;
    return this.strokes.length >= strokes || points + now >= most;
  }

  begin(x, y) {
    if (this.full) return this.say("The pad is full: undo a stroke, or clear it.");
    this.stroke = [x, y];
    return this.draw();
  }

  extend(x, y) {
    const [lastX, lastY] = this.stroke.slice(-2);
    if (Math.hypot(x - lastX, y - lastY) < NEAR || this.full) return;
    this.stroke.push(x, y);
    this.draw();
  }

  lift() {
    if (!this.stroke) return;
    const whole = this.stroke;
    this.stroke = undefined;
    this.change([...this.strokes, whole]);
    this.say(`Stroke ${this.strokes.length} is drawn.`);
  }

  change(strokes) {
    this.past.push(this.strokes);
    this.tell(strokes);
  }

  undo() {
    if (this.stroke) {
      this.stroke = undefined;
      this.say("The stroke that was begun is gone.");
      return this.draw();
    }
    if (!this.past.length) return undefined;
    this.tell(this.past.pop());
    return this.say(`Undone: ${this.count()}.`);
  }

  clear() {
    this.stroke = undefined;
    if (this.strokes.length) this.change([]);
    this.say("The pad is empty.");
  }

  count() {
    const { length } = this.strokes;
    return length === 1 ? "1 stroke is left" : `${length || "no"} strokes are left`;
  }

  tell(strokes) {
    this.strokes = strokes;
    this.serial += 1;
    this.settled = false;
    this.enable();
    this.draw();
    this.send("drawn", { serial: this.serial, strokes });
  }

  enable() {
    this.undoing.disabled = !this.past.length;
    this.clearing.disabled = !this.strokes.length;
  }

  // ---- pointer --------------------------------------------------------------------------------

  press(event) {
    // One pen at a time: a palm beside it, or a second finger, draws nothing.
    if (event.button !== 0 || this.pointer !== undefined) return;
    this.lift(); // what the keyboard had begun
    this.pointer = event.pointerId;
    this.cells.setPointerCapture(event.pointerId);
    this.place = undefined;
    this.begin(...this.at(event));
  }

  move(event) {
    if (event.pointerId !== this.pointer || !this.stroke) return;
    // A frame may hold several places: all of them make the stroke smooth.
    const all = event.getCoalescedEvents?.() ?? [];
    for (const one of all.length ? all : [event]) this.extend(...this.at(one));
  }

  release(event) {
    if (event.pointerId !== this.pointer) return;
    this.pointer = undefined;
    this.lift();
  }

  at(event) {
    const { left, top, width } = this.canvas.getBoundingClientRect();
    const { grid } = this.picture;
    return [event.clientX - left, event.clientY - top].map((pixels) =>
      Math.max(0, Math.min(grid, Math.round((pixels / width) * grid))),
    );
  }

  // ---- keyboard -------------------------------------------------------------------------------

  focus() {
    if (this.pointer !== undefined || !this.cells.matches(":focus-visible")) return;
    this.take();
  }

  take() {
    const { grid } = this.picture;
    this.place ??= this.home ?? [grid / 2, grid / 2];
    this.home = this.place;
    this.draw();
    this.say(this.where());
  }

  where() {
    const [column, row] = this.place;
    const now = this.stroke ? "Pen down" : "Pen up";
    return `${now}, row ${row}, column ${column}: Space ${this.stroke ? "lifts it" : "puts it down"}.`;
  }

  key(event) {
    const undo = event.key.toLowerCase() === "z" && (event.ctrlKey || event.metaKey);
    const arrow = ARROWS[event.key];
    if (!undo && !arrow && event.key !== " ") return;
    event.preventDefault();
    event.stopPropagation();
    if (undo) {
      this.undo();
    } else if (!this.place) {
      this.take();
    } else if (arrow) {
      const { grid } = this.picture;
      const far = event.shiftKey ? STEP / 5 : STEP;
      this.place = this.place.map((v, i) => Math.max(0, Math.min(grid, v + far * arrow[i])));
      this.home = this.place;
      if (this.stroke) this.extend(...this.place);
      this.draw();
      this.say(this.where());
    } else if (this.stroke) {
      this.lift();
    } else {
      this.begin(...this.place);
      if (this.stroke) this.say(this.where());
    }
  }
}

KINDS.pad = Pad;
