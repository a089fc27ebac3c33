"""Chinese text to words: the likeliest way to cut it, each word by its own probability."""

from __future__ import annotations

from collections.abc import Callable

LONGEST = 6  # characters of a word


def cut(run: str, chance: Callable[[str], float | None], unknown: float) -> list[str]:
    """`run` cut into words. `chance` is the log probability of a word or None; a single sign that
    is no word counts `unknown`."""
    best = [0.0] + [float("-inf")] * len(run)
    began = [0] * (len(run) + 1)
    for start in range(len(run)):
        for end in range(start + 1, min(start + LONGEST, len(run)) + 1):
            one = chance(run[start:end])
            if one is None:
                if end > start + 1:
                    continue
                one = unknown
            if best[start] + one > best[end]:
                best[end], began[end] = best[start] + one, start
    words = []
    end = len(run)
    while end:
        words.append(run[began[end] : end])
        end = began[end]
    return words[::-1]
