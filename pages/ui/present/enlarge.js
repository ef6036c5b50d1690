// Any chart of the page, made as large as the window, or saved. A chart is what has a picture of its
// own, inside of a component or not; made large it is a popover, which lies above all else.

const CHARTS = "figure, .frame, [data-testid=stVegaLiteChart]";

// A screen that is filled to its corners.
function screenIcon() {
  const icon = svg("svg", { width: 14, height: 12, viewBox: "0 0 14 12", "aria-hidden": true });
  const d = "M1 4V1h4M9 1h4v3M13 8v3H9M5 11H1V8";
  icon.append(svg("path", { d, fill: "none", stroke: "currentColor", "stroke-width": 1.75 }));
  return icon;
}

// All that can be seen, from the top of the page down.
function chartsOf(node = document) {
  const found = [];
  for (const each of node.querySelectorAll("*")) {
    const isChart = each.matches(CHARTS);
    if (isChart && each.checkVisibility({ visibilityProperty: true }) && each.offsetWidth) found.push(each);
    else if (!isChart && each.shadowRoot) found.push(...chartsOf(each.shadowRoot));
  }
  return found;
}

function openEnlarging(words, library) {
  let large = null, shown = null, leaving = 0;
  const tools = element("div", "");
  tools.id = "chart-tools";
  tools.popover = "manual";
  const tool = (text, act) => {
    const press = Object.assign(element("button", "", text), { type: "button" });
    press.addEventListener("click", () => act(shown));
    tools.append(press);
    return press;
  };
  const size = tool("", (chart) => (large ? shrink() : enlarge(chart)));
  for (const kind of ["PNG", "SVG"]) {
    tool(kind, (chart) => save(chart, kind)).title = filled(words.save, { kind });
  }
  document.querySelector(".stApp").append(tools); // for the colours of the theme

  function enlarge(chart) {
    shrink();
    large = chart;
    chart.popover = "manual";
    chart.showPopover();
    show(chart);
  }
  function shrink() {
    large?.hidePopover();
    large?.removeAttribute("popover");
    large = null;
    hide();
  }
  function show(chart) {
    clearTimeout(leaving);
    hide();
    shown = chart;
    const { top, right } = chart.getBoundingClientRect();
    tools.style.top = `${Math.max(4, top)}px`;
    tools.style.right = `${Math.max(4, document.documentElement.clientWidth - right)}px`;
    size.replaceChildren(large ? "✕" : screenIcon());
    setAttributes(size, { title: large ? words.close : words.enlarge });
    tools.showPopover();
  }
  function hide() {
    shown = null;
    if (tools.matches(":popover-open")) tools.hidePopover();
  }
  async function save(chart, kind) {
    try {
      const name = (chart.querySelector("figcaption")?.textContent || "chart").trim();
      download(await pictureOf(chart, kind, library), `${name}.${kind.toLowerCase()}`);
    } catch {
      setAttributes(size, { title: words.failed });
      setText(size, words.failed);
    }
  }
  const chartAt = (event) => event.composedPath().find((node) => node.matches?.(CHARTS));
  const follow = (event) => {
    const chart = chartAt(event);
    if (chart && chart !== shown && (!large || chart === large)) show(chart);
    else if (chart || event.composedPath().includes(tools)) clearTimeout(leaving);
    else if (shown && !large) leaving = setTimeout(hide, 400);
  };
  const scrolled = () => !large && hide();
  for (const name of ["pointerover", "focusin"]) window.addEventListener(name, follow);
  window.addEventListener("scroll", scrolled, true);
  return {
    // The one of this number, from the top; none, all are as they were.
    choose(number) {
      const chart = number ? chartsOf()[number - 1] : null;
      if (chart && chart !== large) enlarge(chart);
      else shrink();
    },
    isOn: () => large !== null,
    close() {
      shrink();
      tools.remove();
      for (const name of ["pointerover", "focusin"]) window.removeEventListener(name, follow);
      window.removeEventListener("scroll", scrolled, true);
    },
  };
}

// An address of the picture: what is an SVG goes as it is, all else as the library sees it.
async function pictureOf(chart, kind, library) {
  const drawing = chart.querySelector("svg.marks");
  if (drawing && kind === "SVG") {
    const text = new XMLSerializer().serializeToString(drawing);
    return `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
  }
  await loaded(library);
  const options = { skipFonts: true, pixelRatio: 2, backgroundColor: ground() };
  return kind === "PNG" ? window.htmlToImage.toPng(chart, options) : window.htmlToImage.toSvg(chart, options);
}

const ground = () => getComputedStyle(document.querySelector(".stApp")).backgroundColor;

let loading; // once for a page

function loaded(path) {
  loading ??= new Promise((done, fail) => {
    const script = Object.assign(document.createElement("script"), {
      src: new URL(path, document.baseURI), onload: done, onerror: fail,
    });
    document.head.append(script);
  });
  return loading;
}

function download(href, name) {
  Object.assign(document.createElement("a"), { href, download: name }).click();
}
