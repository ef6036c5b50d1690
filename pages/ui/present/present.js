// Presenter mode: the page large, without what is not for a class, and led by keys. A clicker sends
// the keys of a page up and down, and "b" or "." to blank the screen.

const ON = "data-present"; // of the document; see screen.css
const TYPING = "input:not([type=range], [type=checkbox], [type=radio]), textarea, select, [contenteditable=true]";
const LED = "[type=range], [type=radio], [role=slider], [role=radio], [role=tab], [role=option], [role=combobox]";

export default component("present", open);

function open(root, { words, library }, events) {
  const press = Object.assign(element("button", "", screenIcon()), { type: "button" });
  const dark = element("div", "blank");
  const page = document.documentElement, charts = openEnlarging(words, library);
  dark.hidden = true;
  root.append(press, dark);
  const isOn = () => page.hasAttribute(ON);
  function toggle() {
    charts.choose(0);
    dark.hidden = true;
    events.send(isOn() ? "off" : "on");
    page.toggleAttribute(ON);
  }
  const acts = {
    p: toggle,
    b: () => isOn() && blank(),
    ".": () => isOn() && blank(),
    Escape: () => leave(),
    " ": () => isOn() && run(),
    ...Object.fromEntries(["ArrowRight", "PageDown"].map((key) => [key, () => isOn() && step(1)])),
    ...Object.fromEntries(["ArrowLeft", "PageUp"].map((key) => [key, () => isOn() && step(-1)])),
  };
  for (let digit = 0; digit < 10; digit += 1) acts[digit] = () => isOn() && charts.choose(digit);
  function blank() {
    dark.hidden = !dark.hidden;
    return true;
  }
  function leave() {
    if (!dark.hidden) return blank();
    if (charts.isOn()) charts.choose(0);
    else if (isOn()) toggle();
    else return false;
    return true;
  }
  const listen = (event) => {
    const [target] = event.composedPath(), is = (selector) => target.matches?.(selector);
    if (event.ctrlKey || event.metaKey || event.altKey || is(TYPING)) return;
    if (/^(Arrow|Page)/.test(event.key) && is(LED)) return;
    if (event.key === " " && (is(LED) || is("button, a, summary, [type=checkbox], canvas"))) return;
    const act = acts[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (act && act() !== false) event.preventDefault();
  };
  press.addEventListener("click", toggle);
  document.addEventListener("keydown", listen);
  whenClosed(root, () => {
    document.removeEventListener("keydown", listen);
    charts.close();
  });
  return {
    update({ on }) {
      if (!events.areOpen()) page.toggleAttribute(ON, on);
      const label = isOn() ? words.leave : words.present;
      setAttributes(press, { title: label, "aria-label": label, "aria-pressed": isOn() });
    },
  };
}

// The next or the last step of the lesson that is on, or of time where there is none.
function step(by) {
  const lesson = document.querySelector(".st-key-lesson");
  const way = document.querySelector(`.st-key-lesson_${by > 0 ? "next" : "back"} button`);
  if (lesson) way?.click();
  else window.dispatchEvent(new CustomEvent("lab-step", { detail: { by } }));
}

// What runs on the page is paused, or goes on, or begins; the playground's time listens for itself.
function run() {
  const first = ["pause", "run", "start"]
    .map((name) => document.querySelector(`.st-key-${name}_button button:not(:disabled)`)).find(Boolean);
  first?.click();
  return Boolean(first);
}
