"""A race on screen: its buttons, its progress, what it says about collapse, its curves."""

from typing import TYPE_CHECKING

import streamlit as st

from mlcore import training
from mlcore.checks import check_number
from mlcore.runs import Run
from pages.ui import link, live
from pages.ui.controls import Setup, contender_names
from pages.ui.live_race import Card, Panel, live_race, load_library

if TYPE_CHECKING:  # a first page is painted before pandas is imported
    import pandas as pd

REFRESH_SECONDS = {"starting": 0.1, "running": 0.1, "paused": 1.0}
STATES = {
    "starting": "Starting a worker process …",
    "running": "Training",
    "paused": "Paused",
    "finished": "Finished",
    "stopped": "Stopped",
    "failed": "Failed",
}


PANELS = (
    Panel("validation_loss", "Loss in nats (thin: training)", "log", faint="train_loss"),
    Panel("samples_f1", "Samples F1"),
    Panel("micro_f1", "Micro F1"),
    Panel("macro_f1", "Macro F1"),
    Panel("labels_per_row", "Labels predicted per row (grey: true)", "asinh", None, "true_labels"),
    Panel("empty_share", "Share of rows with none predicted"),
    Panel("positive_gradient_share", "Share of gradient from true labels"),
    Panel("labels_predicted", "Different labels predicted at all", "asinh"),
)


def choose_view() -> tuple[float, bool]:
    """The decision threshold, and whether early steps are spread out."""
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    threshold = link.widget(
        left.slider,
        "threshold",
        0.5,
        _threshold,
        label="Threshold: a label is predicted when its probability is at least this",
        min_value=0.01,
        max_value=0.99,
        value=0.5,
        step=0.01,
        help="One cut for all labels; every figure and every curve follows it, past steps too.",
    )
    log_steps = link.widget(
        right.toggle,
        "log",
        True,
        lambda text: text != "False",
        label="Spread out early steps",
        value=True,
        help="A logarithmic step axis, because a collapse happens within the first epochs.",
    )
    return threshold, log_steps


def _threshold(text: str) -> float:
    value = float(text)
    check_number("threshold", value, low=0.01, high=0.99)
    return round(value, 2)


def draw_race(run: Run | None, setup: Setup | None, *, threshold: float, log_steps: bool) -> None:
    """Everything that moves while a race runs, redrawn ten times a second.

    Without a setup, only what belongs to watching is drawn.
    """
    load_library()
    state = run.state if run else None

    def draw() -> None:
        if run is not None and run.state != state:
            st.rerun()  # the rhythm depends on the state
        if setup is not None:
            draw_buttons(run, setup)
        if run is not None:
            draw_errors(run)
            if setup not in (None, live.setup_of(run)):
                st.caption("The settings have changed since. Run starts a race with them.")
            draw_records(run, threshold, log_steps)

    st.fragment(draw, run_every=REFRESH_SECONDS.get(state))()


def draw_buttons(run: Run | None, setup: Setup) -> None:
    """Run, Pause or Resume, Step, Stop, Reset."""
    active = run is not None and run.active
    paused = active and run.state == "paused"
    with st.container(horizontal=True):
        run_pressed = st.button(
            "Run",
            icon=":material/play_arrow:",
            type="primary",
            help="Race the contenders on the left from the start.",
            key="run_button",
        )
        st.button(
            "Resume" if paused else "Pause",
            icon=":material/resume:" if paused else ":material/pause:",
            on_click=live.send,
            args=(run, "resume" if paused else "pause"),
            disabled=not active,
            key="pause_button",
        )
        step_pressed = st.button(
            "Step",
            icon=":material/skip_next:",
            help="Train one epoch, then pause.",
            key="step_button",
        )
        st.button(
            "Stop",
            icon=":material/stop:",
            on_click=live.send,
            args=(run, "stop"),
            disabled=not active,
            key="stop_button",
        )
        if st.button(
            "Reset",
            icon=":material/restart_alt:",
            help="Stop, and go back to before the race; its figures stay under Races.",
            disabled=run is None,
            key="reset_button",
        ):
            live.close_run(run)
            st.rerun()
    if step_pressed and active:
        live.send(run, "step")
    elif run_pressed or step_pressed:
        start(setup, stepwise=step_pressed)


def start(setup: Setup, *, stepwise: bool = False) -> None:
    """Begin the race that the settings ask for, or say why there is none."""
    try:
        run = live.start_setup(setup)
    except (ValueError, RuntimeError) as error:
        st.error(f"This race cannot start: {error}", icon=":material/error:")
        return
    if stepwise:
        live.send(run, "step")
    st.rerun()


def draw_errors(run: Run) -> None:
    """What went wrong in a race, and what to do."""
    if run.state == "failed":
        st.error(f"This race ended with an error. {run.error}", icon=":material/error:")
    newest = run.records[-1] if run.records else []
    for record, name in zip(newest, contender_names(run.configs), strict=False):
        if record.diverged:
            st.error(
                f"**{name}** diverged by step {record.step}: its loss is no longer a finite "
                "number, so it takes no more steps. Try a smaller learning rate.",
                icon=":material/trending_up:",
            )


def draw_records(run: Run, threshold: float, log_steps: bool) -> None:
    """Progress, the collapse meter, the story in words, and the curves."""
    records = list(run.records)
    if not records:
        st.caption(progress_text(run))
        return
    names = contender_names(run.configs)
    history = training.history_frame(records, names, threshold)
    history["true_labels"] = run.true_labels
    # A record of every contender, then the next of every contender: slices need no comparing.
    histories = [history.iloc[place :: len(names)] for place in range(len(names))]
    live_race(
        histories,
        names,
        progress=(run.step / run.steps, progress_text(run)),
        cards=[meter(history.iloc[-1]) for history in histories],
        story=list(filter(None, map(collapse_sentence, histories, names))),
        panels=PANELS,
        steps=run.steps,
        log_steps=log_steps,
        key=run.id,
    )


def progress_text(run: Run) -> str:
    """How far a race is, how fast, and how long it will still take."""
    parts = [STATES[run.state], f"epoch {run.epoch:.1f} of {run.configs[0].epochs}"]
    if run.rows_per_second:
        parts.append(f"{run.rows_per_second:,.0f} rows per second for each contender")
    if run.state == "running" and run.seconds_left is not None:
        parts.append(f"{run.seconds_left:.0f} s left")
    return " · ".join(parts)


def meter(now: "pd.Series") -> Card:
    """The collapse meter of one contender: its newest figures on the validation rows."""
    if now["diverged"]:
        return Card((("Diverged: its loss is not a finite number.", None),))
    filled, share = 1 - now["empty_share"], now["positive_gradient_share"]
    return Card(
        (
            (
                f"{now['labels_per_row']:.2f} labels predicted per row; "
                f"{now['true_labels']:.2f} are true",
                None,
            ),
            (f"{now['empty_share']:.1%} of rows with nothing predicted", filled),
            (f"{share:.1%} of the gradient comes from true labels", share),
            (
                f"F1 samples {now['samples_f1']:.3f} · micro {now['micro_f1']:.3f} · "
                f"macro {now['macro_f1']:.3f}",
                None,
            ),
        )
    )


def collapse_sentence(history: "pd.DataFrame", name: str) -> str | None:
    """What one contender's collapse was, in the race's own figures."""
    collapse = training.find_collapse(history)
    if collapse is None:
        return None
    until = "on" if collapse.ongoing else f"to step {collapse.last_step}"
    return (
        f"From step {collapse.first_step} {until}, {name} predicts nothing for at least "
        f"{collapse.empty_share:.1%} of the rows. Before that, "
        f"{collapse.zeros_gradient_share:.1%} of its gradient came from labels that are not true."
    )


def draw_invitation() -> None:
    """What the page says before the first race."""
    st.info(
        "Nothing has run yet. Run races the contenders on the left; Step trains one epoch at a "
        "time, so that a class can guess what comes next.",
        icon=":material/flag:",
    )
