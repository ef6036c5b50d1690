"""Many configurations in, one tidy table out; on this machine or on a cluster."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "cluster": ["ClusterError"],
        "engine": ["ENGINES", "SweepWarning", "stream", "sweep"],
        "plan": [
            "TooManyRuns",
            "check_size",
            "config_key",
            "count_runs",
            "draws",
            "expand",
            "group_size",
            "groups",
            "with_seeds",
        ],
        "results": ["RunResult", "epoch_frame", "summary_frame"],
        "run": ["expected_seconds", "run_group"],
        "store": ["StoreWarning", "read_store"],
    },
)
