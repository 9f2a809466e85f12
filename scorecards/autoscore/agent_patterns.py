"""The patterns of what agents say, joined: that they understood, and what they do."""

from scorecards.autoscore.apology_patterns import APOLOGISING
from scorecards.autoscore.check_back_patterns import CHECKING, REASSURING
from scorecards.autoscore.promise_patterns import FOLLOWING_UP
from scorecards.autoscore.reassurance_patterns import RELIEVING
from scorecards.autoscore.reflection_patterns import LISTENING
from scorecards.autoscore.shared_feeling_patterns import SHARING
from scorecards.autoscore.solution_done_patterns import SETTLED
from scorecards.autoscore.solution_patterns import SOLVING
from scorecards.autoscore.validation_patterns import VALIDATING

ACTION_PATTERNS = (*SOLVING, *SETTLED, *FOLLOWING_UP, *CHECKING, *REASSURING, *RELIEVING)
HEARING_PATTERNS = (*VALIDATING, *SHARING, *LISTENING, *APOLOGISING)
