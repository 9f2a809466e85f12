"""The patterns for agents in two tables: signals of understanding, and signals of action."""

from scorecards.autoscore.apology_patterns import APOLOGY
from scorecards.autoscore.check_back_patterns import CHECK_BACK, REASSURANCE
from scorecards.autoscore.promise_patterns import PROMISES
from scorecards.autoscore.reassurance_patterns import RELIEF
from scorecards.autoscore.reflection_patterns import REFLECTION
from scorecards.autoscore.shared_feeling_patterns import SHARED_FEELING
from scorecards.autoscore.solution_done_patterns import SOLUTION_DONE
from scorecards.autoscore.solution_patterns import SOLUTION
from scorecards.autoscore.validation_patterns import VALIDATION

ACTION_PATTERNS = (*SOLUTION, *SOLUTION_DONE, *PROMISES, *CHECK_BACK, *REASSURANCE, *RELIEF)
UNDERSTANDING_PATTERNS = (*VALIDATION, *SHARED_FEELING, *REFLECTION, *APOLOGY)
