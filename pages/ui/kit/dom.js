// What components share that tell Python of events. `event_component` in component.py puts this
// before each of them.

// Events may come faster than Python answers, and Streamlit keeps only the newest message: each
// message therefore holds every event that is not answered yet, and Python skips what it knows.
function openEvents(seq) {
  let pending = [];
  const events = {
    tell: () => {},
    send(event) {
      seq += 1;
      pending.push({ ...event, seq });
      events.tell([...pending]);
    },
    settle(known) {
      pending = pending.filter((event) => event.seq > known);
    },
    areOpen: () => pending.length > 0,
  };
  return events;
}

// A component's view, which is drawn anew with each of Python's answers.
function drawView(views, root, data, setTriggerValue, open) {
  let view = views.get(root);
  if (!view) {
    view = open(root, openEvents(data.seq));
    views.set(root, view);
  }
  view.events.tell = (events) => setTriggerValue("events", events);
  view.events.settle(data.seq);
  view.draw(data);
}
