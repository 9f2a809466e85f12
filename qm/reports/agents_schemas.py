"""Response schemas of the report on agents."""

from marshmallow import fields

from qm.reports.schemas import count_field
from tenants.http.contract import AnswerSchema
from tenants.http.response_fields import Rounded

_LOW, _HIGH = "Lower end of its 95 % interval.", "Upper end of its 95 % interval."


def _flag(description: str) -> fields.Boolean:
    return fields.Boolean(allow_none=True, metadata={"description": description})


class NotReviewedAgentSchema(AnswerSchema):
    """An agent of whom no review tells yet."""

    agent = fields.String(metadata={"description": "The agent's id."})
    judged = count_field("Interactions, and parts of shared ones, that were judged.")
    reviewed = count_field("Drawn ones that people reviewed; none of them in turn yet.")
    sentiment_shift = Rounded(2, "Mean of the customers' sentiment at the end minus at the start.")


class AgentFiguresSchema(AnswerSchema):
    """What reviews of an agent's own turns say."""

    agent = fields.String(metadata={"description": "The agent's id."})
    judged = count_field("Interactions, and parts of shared ones, that were judged: N.")
    reviewed = count_field("Drawn ones that people reviewed.")
    counted = count_field("Those reviewed in turn, on which the numbers rest.")
    empathy = Rounded(description="Empathy, shrunk towards the mean of agents; null where a range is all.")
    empathy_low = Rounded(description=_LOW)
    empathy_high = Rounded(description=_HIGH)
    empathy_range = _flag("Whether reviews are so few that the range alone is shown.")
    empathy_shrunk = _flag("Whether it is shrunk; otherwise it is the direct estimate.")
    empathy_own = Rounded(2, "How much of it is the agent's own, 0 to 1; the rest is the mean of agents.")
    empathy_direct = Rounded(description="From the agent's own reviews alone; null where they are too few.")
    empathy_direct_low = Rounded(description=_LOW)
    empathy_direct_high = Rounded(description=_HIGH)
    score = Rounded(description="The total score, shrunk towards the mean of agents; null as above.")
    score_low = Rounded(description=_LOW)
    score_high = Rounded(description=_HIGH)
    score_range = _flag("Whether reviews are so few that the range alone is shown.")
    score_shrunk = _flag("Whether it is shrunk; otherwise it is the direct estimate.")
    score_own = Rounded(2, "How much of it is the agent's own, 0 to 1; the rest is the mean of agents.")
    score_direct = Rounded(description="From the agent's own reviews alone; null where they are too few.")
    score_direct_low = Rounded(description=_LOW)
    score_direct_high = Rounded(description=_HIGH)
    critical_customer = Rounded(description="Per cent with a critical error of this area, not shrunk.")
    critical_customer_low = Rounded(description=_LOW)
    critical_customer_high = Rounded(description=_HIGH)
    critical_business = Rounded(description="Per cent with a critical error of this area, not shrunk.")
    critical_business_low = Rounded(description=_LOW)
    critical_business_high = Rounded(description=_HIGH)
    critical_compliance = Rounded(description="Per cent with a critical error of this area, not shrunk.")
    critical_compliance_low = Rounded(description=_LOW)
    critical_compliance_high = Rounded(description=_HIGH)
    sentiment_shift = Rounded(2, "Mean of the customers' sentiment at the end minus at the start.")


class AgentsReportSchema(AnswerSchema):
    """What reviews say of each agent, and of whom they say nothing yet."""

    client = fields.String()
    from_ = fields.Date(data_key="from", attribute="from")
    to = fields.Date()
    finding = fields.String(
        metadata={"description": "What it comes to in a sentence, or what is missing and what to do."}
    )
    client_empathy = Rounded(description="Empathy of all agents together; null where reviews are too few.")
    client_score = Rounded(description="Their total score.")
    shrunk = fields.Boolean(metadata={"description": "Whether agents are shrunk towards their mean."})
    agents = fields.List(
        fields.Nested(AgentFiguresSchema), metadata={"description": "Agents of whom reviews tell, by id."}
    )
    not_reviewed = fields.List(
        fields.Nested(NotReviewedAgentSchema),
        metadata={"description": "Agents of whom no review tells yet; nothing compares them."},
    )
    method_note = fields.String(metadata={"description": "What the numbers rest on."})
