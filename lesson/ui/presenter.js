// The keys of the stage, once for each browser page. Python turns the mode on and off; what is asked
// of the page here is done by clicking what stands there.
(lists) => {
  if (globalThis.cnnClassroomStage) return;
  globalThis.cnnClassroomStage = true;

  const find = (selector) => document.querySelector(selector);
  const app = () => find("[data-testid=stApp]");
  // The style sheet says so, which is there before the switch is.
  const presenting = () =>
    getComputedStyle(document.documentElement).getPropertyValue("--on-stage") !== "";
  const make = (tag, name, parent, text = "") => {
    const made = document.createElement(tag);
    made.className = name;
    made.textContent = text;
    parent.append(made);
    return made;
  };
  const sheet = make("style", "", document.head);
  sheet.textContent = `
    .stage-keys { max-width: min(94vw, 60rem); max-height: 94vh; padding: 1rem 1.6rem; border-radius: 0.6rem; }
    .stage-keys { border: 2px solid currentColor; font-size: 1rem; line-height: 1.3; overflow-y: auto; }
    .stage-keys::backdrop { background: rgb(0 0 0 / 0.5); }
    .stage-keys h2 { margin: 0; font-size: 1.2rem; }
    .stage-keys table { border-collapse: collapse; }
    .stage-keys caption { padding-top: 0.6rem; font-weight: 600; text-align: left; }
    .stage-keys th { padding: 0.1rem 1.2rem 0.1rem 0; font-weight: 600; text-align: left; vertical-align: top; }
    .stage-keys th { white-space: nowrap; }
    .stage-keys td { padding: 0.1rem 0; }
    .stage-keys button { position: absolute; top: 0.8rem; right: 1rem; padding: 0.2rem 0.8rem; font: inherit; }
    .stage-keys button { color: inherit; background: none; border: 1px solid; border-radius: 0.4rem; }
    .stage-spot { position: fixed; inset: 0 auto auto 0; z-index: 2000000; pointer-events: none; }
    .stage-spot { width: 9rem; height: 9rem; margin: -4.5rem 0 0 -4.5rem; box-sizing: border-box; }
    .stage-spot { border: 0.3rem solid #ffc400; border-radius: 50%; outline: 2px solid #000; }
    .stage-spot { box-shadow: 0 0 0 300vmax rgb(0 0 0 / 0.35); }`;

  // ---- from page to page: the sidebar's links are there while it is away

  const turn = (way) => {
    const links = [...document.querySelectorAll("[data-testid=stSidebarNavLink]")];
    const here = links.findIndex((link) => link.pathname === location.pathname);
    if (here >= 0) links[here + way]?.click();
  };

  // ---- questions

  const reveal = () => find(".st-key-question_reveal button")?.click();
  const ask = () => {
    const key = /(^| )st-key-\w+_question( |$)/;
    const row = [...document.querySelectorAll("[class*=_question]")].find((part) => key.test(part.className));
    const pills = [...(row?.querySelectorAll("button") ?? [])];
    const taken = pills.findIndex((pill) => pill.matches("[aria-checked=true], [aria-pressed=true]"));
    pills[(taken + 1) % pills.length]?.click();
  };

  // ---- the spot

  let spot = null;
  let at = [innerWidth / 2, innerHeight / 2];
  const place = () => {
    if (spot) spot.style.transform = `translate(${at[0]}px, ${at[1]}px)`;
  };
  const darken = () => {
    spot = make("div", "stage-spot", document.body);
    spot.setAttribute("aria-hidden", "true");
    place();
  };
  const lighten = () => {
    spot.remove();
    spot = null;
  };
  const follow = (event) => {
    at = [event.clientX, event.clientY];
    place();
  };
  addEventListener("pointermove", follow, { capture: true, passive: true });
  addEventListener("pointerdown", follow, { capture: true, passive: true });

  // ---- the list of keys, a modal dialog of the browser's own

  let list = null;
  const write = () => {
    list = make("dialog", "stage-keys", document.body);
    const title = make("h2", "", list, "Keys");
    title.id = "stage-keys-title";
    list.setAttribute("aria-labelledby", title.id);
    make("button", "", list, "Close").addEventListener("click", () => list.close());
    for (const [name, keys] of Object.entries(lists)) {
      const table = make("table", "", list);
      make("caption", "", table, name);
      for (const [key, does] of keys) {
        const row = make("tr", "", table);
        make("th", "", row, key).scope = "row";
        make("td", "", row, does);
      }
    }
  };
  const show = () => {
    if (!list) write();
    const { backgroundColor, color, colorScheme, fontFamily } = getComputedStyle(app());
    Object.assign(list.style, { backgroundColor, color, colorScheme, fontFamily });
    list.showModal();
  };

  // ---- keys

  const fullscreen = () => {
    if (document.fullscreenElement) document.exitFullscreen();
    else document.documentElement.requestFullscreen().catch(() => {});
  };
  const types = (node) =>
    node.matches?.("textarea, select, [contenteditable=true], [role=listbox], [role=listbox] *, [role=menu] *")
    || (node.tagName === "INPUT" && !["range", "checkbox", "radio", "button"].includes(node.type));
  const idle = () => [document.body, find("[data-testid=stMain]")].includes(document.activeElement);
  const always = {
    s: () => find(".st-key-present input")?.click(),
    "?": show,
  };
  const onStage = {
    PageDown: () => turn(1),
    PageUp: () => turn(-1),
    q: ask,
    a: reveal,
    l: () => (spot ? lighten() : darken()),
    f: fullscreen,
  };
  const arrows = { ArrowRight: () => turn(1), ArrowLeft: () => turn(-1) };

  // First of all who listen: a clicker turns the page, whatever has the focus.
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    let act = null;
    if (list?.open) {
      if (key === "?") act = () => list.close();
      else if (key !== "Escape" && key !== "Tab" && key !== "Enter" && key !== " ") event.stopPropagation();
    } else if (spot && (key === "Escape" || key === "l")) act = lighten;
    else if (!types(event.composedPath()[0]) && !find("[role=dialog]")) {
      act = (presenting() || idle() ? always[key] : null) ?? (presenting() ? onStage[key] ?? (idle() ? arrows[key] : null) : null);
    }
    if (!act) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (!event.repeat) act();
  }, true);
}
