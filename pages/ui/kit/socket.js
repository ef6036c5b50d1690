// The one WebSocket client of the live components. `openAsker` asks. `openStream` listens to what
// comes, and may send wishes. Both say above the component, in words from socket.py, when the
// connection is lost; they try again for as long as the page is looked at, and then ask anew for
// what is shown.

const MOST_SENT = 3; // questions without an answer; what came since waits here, the newest of it

// take(answer, question) is told of each answer, or of each part of one that has `more` of them.
// It connects with the first question, or `open`. A question is sent while the one before is still
// answered, so that the server, which takes the newest, need not wait for it.
function openAsker(root, channel, take) {
  let waiting = null, seq = 0, stale = 0;
  const sent = new Map(); // by number
  const next = () => {
    if (!waiting || sent.size >= MOST_SENT) return;
    if (!socket.isOpen()) return socket.open();
    sent.set(++seq, waiting);
    socket.send({ ...waiting, seq });
    waiting = null;
  };
  const socket = openSocket(root, channel, {
    opened: next,
    heard(answer) {
      const question = sent.get(answer.seq);
      if (!question) return; // a newer one was answered
      for (const each of sent.keys()) {
        if (each < answer.seq || (each === answer.seq && !answer.more)) sent.delete(each);
      }
      next();
      if (answer.seq > stale) take(answer, question);
    },
    lost() {
      const [last, question] = [...sent].at(-1) ?? [0];
      if (last > stale) waiting ??= question;
      sent.clear();
    },
  });
  return {
    open: socket.open,
    isBusy: () => Boolean(sent.size || waiting),
    ask(question) {
      waiting = structuredClone(question);
      next();
    },
    forget() { // what was asked before is out of date
      [waiting, stale] = [null, seq];
    },
  };
}

// hear(message) is told of all that comes. The newest wish is repeated after a lost connection.
function openStream(root, channel, hear) {
  let wish = null;
  const socket = openSocket(root, channel, {
    opened: () => wish && socket.send(wish),
    heard: hear,
    lost() {},
  });
  return {
    send(newest) {
      wish = newest;
      if (socket.isOpen()) socket.send(wish);
      else socket.open();
    },
  };
}

function openSocket(root, { path, words }, { opened, heard, lost }) {
  const patience = 60_000; // milliseconds in which something is heard after something was sent
  const [gone, asleep] = [4404, 4408]; // codes with which pages/ui/server/routes.py closes
  let socket = null, isWanted = false, tries = 0, retry = 0, watch = 0;
  const note = document.createElement("div");
  note.className = "connection";
  note.setAttribute("role", "status");
  root.before(note);

  function connect() {
    clearTimeout(retry);
    if (socket || !isWanted || document.hidden) return;
    // Beside the page's own address: only the browser knows what proxies put before it.
    const url = new URL(path, document.baseURI);
    url.protocol = url.protocol.replace("http", "ws");
    try {
      socket = new WebSocket(url);
    } catch { // where there are none
      note.textContent = words.lost;
      return;
    }
    socket.onopen = () => {
      root.dataset.connected = true;
      note.textContent = "";
      opened();
    };
    socket.onmessage = ({ data }) => {
      clearTimeout(watch);
      tries = 0;
      heard(JSON.parse(data));
    };
    socket.onclose = ({ code }) => {
      clearTimeout(watch);
      root.dataset.connected = false;
      socket = null;
      lost();
      if (code === gone || code === asleep) isWanted = false;
      else note.textContent = words.lost;
      if (code === gone) note.textContent = words.gone;
      tries += 1;
      // Each at a moment of its own, when a server that starts anew is asked by a whole class.
      retry = setTimeout(connect, Math.min(5_000, 250 * tries) * (0.75 + 0.5 * Math.random()));
    };
  }

  whenClosed(root, () => {
    for (const event of ["online", "focus"]) window.removeEventListener(event, connect);
    document.removeEventListener("visibilitychange", connect);
    clearTimeout(retry);
    clearTimeout(watch);
    note.remove();
    if (socket) socket.onopen = socket.onmessage = socket.onclose = null;
    socket?.close();
    isWanted = false;
  });

  for (const event of ["online", "focus"]) window.addEventListener(event, connect);
  document.addEventListener("visibilitychange", connect);
  return {
    isOpen: () => socket?.readyState === WebSocket.OPEN,
    open() {
      isWanted = true;
      connect();
    },
    send(message) {
      socket.send(JSON.stringify(message));
      clearTimeout(watch);
      watch = setTimeout(() => socket?.close(), patience);
    },
  };
}
