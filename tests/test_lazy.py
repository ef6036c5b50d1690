"""What is made when it is first asked for."""

import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from mlcore.lazy import once
from tests.conftest import ROOT


def test_threads_that_ask_at_once_have_the_same():
    ready = threading.Barrier(8)

    @once
    def make() -> object:
        time.sleep(0.02)
        return object()

    def ask(_) -> int:
        ready.wait()
        return id(make())

    with ThreadPoolExecutor(8) as threads:
        assert len(set(threads.map(ask, range(8)))) == 1


AT_ONCE = """
import threading
from concurrent.futures import ThreadPoolExecutor
from pages.ui.server.jobs import jobs

ready = threading.Barrier(8)

def ask(_):
    ready.wait()
    return id(jobs()), id(jobs().races.pool), id(jobs().sweeps.pool)

with ThreadPoolExecutor(8) as threads:
    print(len({part for asked in threads.map(ask, range(8)) for part in asked}))
"""


def test_a_server_asked_by_many_at_first_has_one_list_of_jobs_and_one_set_of_workers():
    done = subprocess.run([sys.executable, "-c", AT_ONCE], capture_output=True, text=True, cwd=ROOT)
    assert done.stdout.strip() == "2", done.stderr


@pytest.mark.parametrize(
    "statement",
    [
        "from mlcore.training import TrainConfig; TrainConfig(loss='focal')",
        "import mlcore.workers.races",
        "from mlcore.losses import poisson_factorisation; poisson_factorisation([0.0, 1.0], [1])",
        "from mlcore.palette import PALETTE",
    ],
)
def test_what_a_page_needs_first_imports_nothing_heavy(statement):
    code = (
        f"{statement}; import sys; "
        "print([name for name in ('torch', 'streamlit', 'pandas', 'sklearn', 'scipy') "
        "if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "[]"
