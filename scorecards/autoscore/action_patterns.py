"""Everything agents say when they act: solving, promising, naming a time, checking back, reassuring."""

from scorecards.autoscore.checking_patterns import CHECKING, REASSURING
from scorecards.autoscore.following_patterns import FOLLOWING_UP
from scorecards.autoscore.relieving_patterns import RELIEVING
from scorecards.autoscore.settled_patterns import SETTLED
from scorecards.autoscore.solving_patterns import SOLVING

ACTION_PATTERNS = (*SOLVING, *SETTLED, *FOLLOWING_UP, *CHECKING, *REASSURING, *RELIEVING)
