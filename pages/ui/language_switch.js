// A button for each language. What is chosen goes to the server, and into a cookie for the next
// visit; the document says which language it is in, for screen readers and hyphenation.

const YEAR = 365 * 24 * 3600; // seconds

export default function ({ data: [data], parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".languages");
  document.documentElement.lang = data.language;
  root.setAttribute("aria-label", data.label);
  const names = Object.keys(data.languages);
  if (root.children.length !== names.length) root.replaceChildren(...names.map(() => document.createElement("button")));
  names.forEach((name, place) => {
    const button = root.children[place];
    button.lang = name;
    button.textContent = data.languages[name];
    button.setAttribute("aria-pressed", name === data.language);
    button.onclick = () => {
      document.cookie = `${data.cookie}=${name}; path=${data.path}; max-age=${YEAR}; SameSite=Lax`;
      if (name !== data.language) setTriggerValue("language", name);
    };
  });
}
