"""Where a rate may truly lie, with 95 % certainty: exact, so that few days do not look better than they are."""

__all__ = ["of_rate", "of_share"]

from scipy.stats import beta, chi2


def of_share(found: int, of: int) -> list[float] | None:
    """Exact binomial (Clopper and Pearson): the share that ``found`` of ``of`` may stand for."""
    if not of:
        return None
    low = beta.ppf(0.025, found, of - found + 1) if found else 0.0
    high = beta.ppf(0.975, found + 1, of - found) if found < of else 1.0
    return [round(float(low), 3), round(float(high), 3)]


def of_rate(count: int, over: float) -> list[float] | None:
    """Exact Poisson: events per unit of ``over`` that ``count`` may stand for."""
    if over <= 0:
        return None
    low = chi2.ppf(0.025, 2 * count) / 2 if count else 0.0
    return [round(float(low) / over, 3), round(float(chi2.ppf(0.975, 2 * count + 2)) / 2 / over, 3)]
