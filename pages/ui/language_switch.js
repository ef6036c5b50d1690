// A button for each language. What is chosen goes to the server, and into a cookie for the next
// visit; the document says which language it is in, for screen readers and hyphenation.

const YEAR = 365 * 24 * 3600; // seconds

export default component("languages", open, ({ languages }) => languages);

function open(root, { languages }, events) {
  const names = Object.keys(languages);
  const buttons = names.map((lang) =>
    setAttributes(element("button", "", languages[lang]), { lang }));
  root.append(...buttons);
  return {
    update({ language, label, cookie, path }) {
      document.documentElement.lang = language;
      setAttributes(root, { role: "group", "aria-label": label });
      for (const button of buttons) {
        button.setAttribute("aria-pressed", button.lang === language);
        button.onclick = () => {
          document.cookie = `${cookie}=${button.lang}; path=${path}; max-age=${YEAR}; SameSite=Lax`;
          if (button.lang !== language) events.send(button.lang);
        };
      }
    },
  };
}
