"""How much is measured: the whole by default, little of it for a smoke run."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """Sizes of one run.

    `requests` are sent in one round to one server, after `warm_up` ones that aren't counted. A
    round runs every contender once; ratios are taken within a round. `connections` are held by
    the client for each worker process of the server. `signing_s`: how long an operation of signing
    is repeated in a round. `growth_persons`: a small register and a large one, which are asked
    `growth_lookups` of each kind in a round.
    """

    pupils: int
    schools: int
    rounds: int
    requests: int
    warm_up: int
    workers: tuple[int, ...]
    pull_pupils: int
    pull_rounds: int
    stage_messages: int
    transform_rounds: int
    signing_s: float
    applications: tuple[int, ...]
    ranking_rounds: int
    identity_children: int
    identity_stored: int
    matching_children: int
    matching_batch: int
    load_persons: int
    growth_persons: tuple[int, int]
    growth_rounds: int
    growth_lookups: int
    connections: int = 8
    requests_per_connection: int = 25
    samples: int = 4


FULL = Scale(
    pupils=20_000,
    schools=40,
    rounds=5,
    requests=300,
    warm_up=80,
    workers=(1, 2),
    pull_pupils=10_000,
    pull_rounds=3,
    stage_messages=300,
    transform_rounds=15,
    signing_s=0.3,
    applications=(5_000, 50_000),
    ranking_rounds=5,
    identity_children=100_000,
    identity_stored=10_000,
    matching_children=200_000,
    matching_batch=20_000,
    load_persons=20_000,
    growth_persons=(20_000, 200_000),
    growth_rounds=9,
    growth_lookups=500,
)
QUICK = Scale(
    pupils=1_000,
    schools=4,
    rounds=2,
    requests=60,
    warm_up=20,
    workers=(1,),
    pull_pupils=500,
    pull_rounds=1,
    stage_messages=40,
    transform_rounds=3,
    signing_s=0.05,
    applications=(2_000,),
    ranking_rounds=2,
    identity_children=5_000,
    identity_stored=1_000,
    matching_children=2_000,
    matching_batch=1_000,
    load_persons=2_000,
    growth_persons=(500, 5_000),
    growth_rounds=3,
    growth_lookups=100,
)
SEED = 7
SOURCE = "bench"
