"""Why a stream is lost, in the reader's language."""

__all__ = ["trouble"]

from vitrail.console.language import Words


def trouble(words: Words, problem: str) -> str:
    """``problem`` as an error of the house reads: what | where | rule | remedy. The place is in the sentence. What
    nobody translated is shown as it came, which is better than nothing."""
    what, *rest = problem.split(" | ")
    told = words.said(what)
    remedy = next((part.removeprefix("remedy: ") for part in rest if part.startswith("remedy: ")), "")
    return f"{told} · {words.said(remedy)}" if remedy else told
