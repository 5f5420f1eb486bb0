// Times what a reader does until it is painted; put into a page before anything else runs there.
// All times are the page's own, in milliseconds.
{
  const channel = new MessageChannel();
  const painters = [];
  let begun = 0; // when the reader let go of the key or the mouse
  let drawn = []; // what was painted since: its name and how long it took
  let waiting = null;
  channel.port1.onmessage = () => painters.splice(0).forEach((paint) => paint());

  // Calls back once the next frame is painted.
  const painted = (act) => requestAnimationFrame(() => {
    painters.push(() => act(performance.now()));
    channel.port2.postMessage(0);
  });

  const note = (name) => painted((now) => {
    drawn.push({ name, taken: now - begun });
    waiting?.();
  });

  // Each picture writes into `data-turn` that it has been drawn; it lives in a shadow root.
  const pictures = new MutationObserver((changes) => {
    for (const { target } of changes) {
      const place = target.getRootNode().host?.closest("[class*=st-key-]");
      const key = [...(place?.classList ?? [])].find((name) => name.startsWith("st-key-"));
      if (key) note(key.slice("st-key-".length));
    }
  });
  const { attachShadow } = Element.prototype;
  Element.prototype.attachShadow = function (options) {
    const root = attachShadow.call(this, options);
    pictures.observe(root, { subtree: true, attributeFilter: ["data-turn"] });
    return root;
  };

  const begin = (event) => (begun = event.timeStamp);
  for (const kind of ["keydown", "pointerup"]) addEventListener(kind, begin, true);

  // From the pointer's move: until the scripts are through, and until it is painted.
  const moves = [];
  let stopped = 0;
  addEventListener("pointermove", (event) => {
    const from = performance.now();
    stopped = from;
    painted((now) => moves.push({ worked: stopped - from, taken: now - event.timeStamp }));
  }, true);
  addEventListener("pointermove", () => (stopped = performance.now()));

  globalThis.stopwatch = {
    // A text is watched like a picture, under a name of one's own.
    watch(node, name) {
      const texts = new MutationObserver(() => note(name));
      const parts = { subtree: true, childList: true, characterData: true };
      texts.observe(node, parts);
    },
    // Before the reader acts: what was painted up to now is forgotten.
    start() {
      drawn = [];
    },
    // How long it took until this was painted first.
    until(name) {
      return new Promise((done, fail) => {
        const late = setTimeout(fail, 30_000, new Error(`${name} is not drawn.`));
        waiting = () => {
          const found = drawn.find((one) => one.name === name);
          if (!found) return;
          clearTimeout(late);
          waiting = null;
          done(found.taken);
        };
        waiting();
      });
    },
    drawn: () => drawn,
    moves: () => moves.splice(0),
  };
}
