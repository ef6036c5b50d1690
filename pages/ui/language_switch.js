// A button for each language. What is chosen goes to the server, and into a cookie for the next
// visit; the document says which language it is in, for screen readers and hyphenation.

const YEAR = 365 * 24 * 3600; // seconds

// Streamlit makes an entry of the history of every new link. What a page adds to its link before
// anybody does anything, such as the race on show, belongs to the entry with which it was opened;
// now and then Streamlit hears of it before it has left the page before.
let isTouched = false, isWritten = false; // since the page was opened; since it was touched
for (const act of ["pointerdown", "keydown", "click"]) {  // a screen reader only clicks
  window.addEventListener(act, () => { [isTouched, isWritten] = [true, false]; }, { capture: true });
}
history.pushState = function pushState(state, unused, url) {
  const isOther = new URL(url, location).pathname !== location.pathname;
  // To have solved or seen an exercise is no choice that Back could undo.
  if (!isOther && choices(url) === choices(location)) {
    history.replaceState(state, unused, url);
    return;
  }
  const isNew = isOther ? !isWritten : isTouched;
  History.prototype[isNew ? "pushState" : "replaceState"].call(history, state, unused, url);
  isTouched &&= !isOther;
  isWritten = isTouched;
};

function choices(url) {
  const link = new URL(url, location);
  for (const progress of ["solved", "seen"]) link.searchParams.delete(progress);
  link.searchParams.sort();
  return link.search;
}

// Who goes back to another language has chosen that.
let spoken, isBack = false;
window.addEventListener("popstate", () => { isBack = true; });

// Who taps a page in the menu wants to see it. Streamlit closes the menu only where the browser says
// that it is a phone's, not in any narrow window.
window.addEventListener("click", ({ target }) => {
  if (!target.closest("[data-testid=stSidebarNavLink]")) return;
  setTimeout(() => document.querySelector("[data-testid=stSidebarCollapseButton] button")?.click());
});

export default component("languages", open, ({ languages }) => languages);

function open(root, { languages }, events) {
  const names = Object.keys(languages);
  const buttons = names.map((lang) =>
    setAttributes(element("button", "", languages[lang]), { lang }));
  root.append(...buttons);
  return {
    update({ language, label, cookie, path }) {
      const keep = (lang) => {
        document.cookie = `${cookie}=${lang}; path=${path}; max-age=${YEAR}; SameSite=Lax`;
      };
      if (isBack && spoken && spoken !== language) keep(language);
      [spoken, isBack] = [language, false];
      document.documentElement.lang = language;
      setAttributes(root, { role: "group", "aria-label": label });
      for (const button of buttons) {
        button.setAttribute("aria-pressed", button.lang === language);
        button.onclick = () => {
          keep(button.lang);
          if (button.lang === language) return;
          nameLanguage(language);
          events.send(button.lang);
        };
      }
    },
  };
}

// The link that is left says in which language it was, so that Back leads to that.
function nameLanguage(language) {
  const link = new URL(location);
  if (link.searchParams.has("lang")) return;
  link.searchParams.set("lang", language);
  history.replaceState(history.state, "", link);
}
