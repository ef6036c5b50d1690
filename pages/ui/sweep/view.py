"""A sweep on screen: what it would take, its buttons, how far it is."""

import streamlit as st

from mlcore.sweeps import config_key
from pages.ui.kit.controls import helped
from pages.ui.kit.numbers import about
from pages.ui.kit.races import NOT_YOURS, queue_text, time_left
from pages.ui.server import jobs
from pages.ui.server.jobs import SWEEP, Sweep
from pages.ui.server.visitors import me
from pages.ui.settings import rerun_page
from pages.ui.sweep.plan import Plan
from pages.ui.sweep.surface import draw_preview, draw_surface
from pages.ui.words import _, ngettext

REFRESH_SECONDS = 0.5
ASK_RUNS = 300  # more runs, or more seconds, than this are asked back
ASK_SECONDS = 60.0


def choose_job() -> Sweep | None:
    """The sweep on show: the one that the link names first, then this visit's last one."""
    if jobs.open_link(SWEEP):
        st.warning(
            _(
                "The sweep in the link is no longer there: it ended long ago, or the server was "
                "restarted since. Press Run to train it again."
            ),
            icon=":material/link_off:",
        )
    return jobs.jobs().get(SWEEP, st.session_state.get(SWEEP))


def draw_start(job: Sweep | None, plan: Plan) -> None:
    """What would be trained and how long that takes, Run and Stop."""
    active = job is not None and job.active
    mine = job is None or jobs.is_mine(job)
    queue = jobs.jobs().sweeps
    trained = jobs.jobs().known(plan.source)
    runs = sum(config_key(config) not in trained for config in plan.configs)

    def seconds_per_run() -> float | None:
        return queue.seconds_per_run(plan.source, plan.configs[:8])

    rate = seconds_per_run()

    def draw_expected() -> None:
        known = seconds_per_run()
        st.markdown(expected_text(plan, runs, known))
        if rate is None and known is not None:
            rerun_page()

    seconds = rate and rate * runs / queue.workers
    asks = runs > ASK_RUNS or (seconds or 0) > ASK_SECONDS
    agreed = not asks or st.session_state.get(f"agreed to {runs}", False)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            _("Run"),
            icon=":material/play_arrow:",
            type="primary",
            help=_("Train every cell of the grid; cells that are known are not trained again."),
            key="sweep_run",
            on_click=start,
            args=(plan,),
            disabled=not agreed,
        )
        st.button(
            _("Stop"),
            icon=":material/stop:",
            help=_("Finished cells stay.") if mine else _(NOT_YOURS),
            key="sweep_stop",
            on_click=jobs.steer,
            args=(job, "stop"),
            disabled=not (active and mine),
        )
        if asks:
            helped(
                st.checkbox,
                label=_("Yes, train {runs:,} runs").format(runs=runs),  # how long is said below
                key=f"agreed to {runs}",
                help=_(
                    "Many runs keep the cores busy for others too. Fewer values or seeds do less."
                ),
            )
        st.fragment(draw_expected, run_every=1.0 if rate is None else None)()
    if not mine:
        st.caption(
            _(
                "Somebody else started this sweep, so you can only watch it. Run starts a copy of "
                "your own."
            )
        )


def start(plan: Plan) -> None:
    """Begin a sweep in place of this visit's own before."""
    before = jobs.listed(SWEEP)
    jobs.show(jobs.jobs().start_sweep(plan, owner=me()))
    for other in before:
        jobs.steer(other, "stop")


def expected_text(plan: Plan, unknown: int, seconds_per_run: float | None) -> str:
    """How many runs, and how long those that are not known take on the cores of this server."""
    cells, seeds, runs = plan.cells, len(plan.seeds), len(plan.configs)
    text = ngettext(
        "{cells:,} cells × {seeds} seed = **{runs:,} runs**",
        "{cells:,} cells × {seeds} seeds = **{runs:,} runs**",
        seeds,
    ).format(cells=cells, seeds=seeds, runs=runs)
    if not unknown:
        return _("{runs}, all known from before: Run shows them at once").format(runs=text)
    if seconds_per_run is None:
        return _("{runs}; measuring how long one takes …").format(runs=text)
    time = about(seconds_per_run * unknown / jobs.jobs().sweeps.workers)
    return _("{runs}, {time}").format(runs=text, time=time)


def draw_job(job: Sweep | None, plan: Plan, figure: str, shown: str) -> None:
    """The surface of a sweep, as far as it is; while it trains, renewed twice a second."""
    if job is None:
        draw_preview(plan, figure, shown)
        return
    if job.about != plan:
        st.caption(_("The settings have changed since. Run starts a sweep with them."))
    if job.ended == "left":
        st.info(
            _(
                "Nobody was connected for {seconds:.0f} seconds, so this sweep was stopped after "
                "{done:,} of {total:,} runs. Run trains the others."
            ).format(seconds=jobs.UNWATCHED_SECONDS, done=job.done, total=len(job.configs)),
            icon=":material/cloud_off:",
        )
    busy = is_busy(job)

    def draw() -> None:
        draw_progress(job)
        draw_surface(job, figure, shown)
        if (busy and not is_busy(job)) or st.session_state.pop("sweep.picked", False):
            rerun_page()

    st.fragment(draw, run_every=REFRESH_SECONDS if busy else None)()


def is_busy(job: Sweep) -> bool:
    """Whether it still changes: when it is stopped, groups in work have a moment to end."""
    return job.active or bool(job.working)


def draw_progress(job: Sweep) -> None:
    """How far it is, how fast, how long it will still take, or when its turn comes."""
    total = len(job.configs)
    st.progress(job.done / total, text=progress_text(job))


def progress_text(job: Sweep) -> str:
    """The same in words."""
    total, fresh = len(job.configs), job.done - job.reused
    parts = [_("{done:,} of {total:,} runs").format(done=job.done, total=total)]
    if job.state == "queued":
        return queue_text(job, jobs.jobs().sweeps)
    if job.state == "finished":
        parts.insert(0, _("Finished"))
    elif job.state == "stopped":
        parts.insert(0, _("Stopped"))
    if pace := jobs.jobs().sweeps.pace(job):
        parts.append(_("{rate:.1f} runs per second").format(rate=pace))
    if job.active:
        parts += time_left(job, jobs.jobs().sweeps)
    elif fresh:
        parts.append(_("took {n:.1f} s").format(n=job.seconds))
    if job.reused:
        parts.append(_("{n:,} were known from before").format(n=job.reused))
    return " · ".join(parts)
