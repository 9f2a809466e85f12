"""Fisher's exact test, one-sided: is a share larger in a part than in the rest (pure)?"""

from scipy.stats import hypergeom


def larger_share_p(events: int, n: int, other_events: int, others: int) -> float:
    """Return the probability of so many events or more in the part, were they spread by chance.

    Parameters
    ----------
    events, n : int
        Events in the part, and its size: 0 <= events <= n.
    other_events, others : int
        Events in the rest, and its size.

    Returns
    -------
    float
        P(X >= events), X hypergeometric; 1 where either side is empty.

    Notes
    -----
    R. A. Fisher (1935), The Design of Experiments: the lady who tasted tea told 4 of 4 cups with the milk
    first from 4 others, with a probability of 1/70 by chance.

    Examples
    --------
    >>> round(larger_share_p(4, 4, 0, 4) * 70, 6), round(larger_share_p(3, 4, 1, 4) * 70, 6)
    (1.0, 17.0)
    >>> larger_share_p(0, 0, 3, 5)
    1.0
    """
    if not n or not others:
        return 1.0
    return float(hypergeom.sf(events - 1, n + others, events + other_events, n))
