"""Rank and select over bit maps and counts, against plain lists."""

from hypothesis import given
from hypothesis import strategies as st

from billing.table.ranks import WIDTH, Counts, RankMap

places = st.integers(0, WIDTH - 1)
changes = st.lists(st.tuples(places, st.booleans()), max_size=60)


def _merged(all_changes: list[tuple[int, bool]]) -> RankMap:
    result = RankMap()
    for place, gone in all_changes:
        result = result.merged(RankMap.of(place, gone=gone))
    return result


@given(changes)
def test_a_map_finds_the_live_ones_by_rank_newest_first(known: list[tuple[int, bool]]) -> None:
    gone = {place for place, is_gone in known if is_gone}
    live = sorted({place for place, _ in known} - gone, reverse=True)

    ranks = _merged(known)

    assert ranks.live == len(live)
    assert [ranks.find(rank) for rank in range(len(live) + 2)] == [*live, None, None]
    assert ranks.newest == max((place for place, _ in known), default=-1)
    assert RankMap.from_bytes(*ranks.to_bytes()) == ranks


@given(changes, st.integers(0, 2 * WIDTH))
def test_a_part_of_a_map_is_what_was_born_as_far_as_there(known: list[tuple[int, bool]], until: int) -> None:
    assert _merged(known).until(until).live == _merged([each for each in known if each[0] <= until]).live


@given(changes, st.randoms(use_true_random=False))
def test_order_and_repetition_of_changes_make_no_difference(known: list[tuple[int, bool]], random: object) -> None:
    shuffled = known + known[::2]
    random.shuffle(shuffled)  # type: ignore[attr-defined]

    assert _merged(shuffled) == _merged(known)


def test_a_full_map_has_every_rank() -> None:
    full = RankMap(born=(1 << WIDTH) - 1)

    assert [full.find(rank) for rank in range(WIDTH)] == list(range(WIDTH - 1, -1, -1))
    assert full.find(WIDTH) is None
    assert Counts().updated({0: full}).live[0] == WIDTH


def test_gone_before_born_is_never_alive() -> None:
    assert RankMap(born=0, gone=1).live == 0
    assert RankMap(born=0, gone=1).merged(RankMap.of(0, gone=False)).live == 0


@given(st.dictionaries(st.integers(0, 3 * WIDTH), st.booleans(), max_size=60))
def test_counts_lead_to_the_map_and_the_rank_within(known: dict[int, bool]) -> None:
    maps: dict[int, RankMap] = {}
    for sequence, gone in known.items():
        number = sequence // WIDTH
        maps[number] = maps.get(number, RankMap()).merged(RankMap.of(sequence, gone=gone))
    live = sorted((sequence for sequence, gone in known.items() if not gone), reverse=True)

    counts = Counts().updated(maps)

    found = []
    for rank in range(len(live)):
        place = counts.find(rank)
        assert place is not None
        number, within = place
        found.append(number * WIDTH + (maps[number].find(within) or 0))
    assert found == live
    assert counts.find(len(live)) is None
    assert counts.watermark == max(known, default=0)
    assert Counts.from_bytes(counts.to_bytes(), counts.watermark) == counts


def test_counts_keep_what_other_maps_have() -> None:
    first = Counts().updated({WIDTH: RankMap.of(WIDTH * WIDTH + 7, gone=False)})

    second = first.updated({WIDTH + 2: RankMap.of(0, gone=True)})

    assert (second.live[0], second.live[2]) == (1, 0)
    assert second.watermark == WIDTH * (WIDTH + 2), "of those ever born, gone or not"
    assert second.updated({WIDTH: RankMap()}).watermark == second.watermark, "it never falls"
