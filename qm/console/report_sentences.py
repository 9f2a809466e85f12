"""What reports and what-ifs say in English, part by part, so that pages say it in the reader's language."""

from collections.abc import Sequence

from qm.console.sentence import N_

REPORT_SENTENCES: Sequence[str] = (
    N_("There are too few interactions in this period to show figures"),
    N_("There are no interactions in this period"),
    N_("None of the %(n)s interactions in this period is scored yet"),
    N_("1 review is too few to give empathy as a number"),
    N_("%(n)s reviews are too few to give empathy as a number"),
    N_("%(n)s of %(m)s reviews count by now, which is too few to give empathy as a number"),
    N_("No interaction in this period has an empathy score"),
    N_("The machine puts empathy at %(n)s of 100, which no human review confirms yet"),
    N_("Empathy is %(n)s of 100 (95 %% interval %(low)s to %(high)s)"),
    N_("no clear change from the day before"),
    N_("no clear change from the %(n)s days before"),
    N_("up %(n)s points on the day before"),
    N_("down %(n)s points on the day before"),
    N_("up %(n)s points on the %(days)s days before"),
    N_("down %(n)s points on the %(days)s days before"),
    N_("SLA promise missed"),
    N_("SLA promises missed"),
    N_("%(rule)s first response %(n)s %% in time against %(m)s %%"),
    N_("%(rule)s next response %(n)s %% in time against %(m)s %%"),
    N_("%(rule)s resolution %(n)s %% in time against %(m)s %%"),
    N_("and %(n)s %% in time against %(m)s %%"),
    N_("and %(n)s more"),
    N_("to"),
    N_("%(n)s %% of all SLA clocks were met"),
    N_("every promise by its own goal"),
    N_("Fewer than five interactions: the figures are kept back"),
    N_("No interaction of this period has been scored, so there is nothing to estimate"),
    N_("The machine found no empathy to score in %(judged)s, and no drawn one is reviewed"),
    N_("This is the mean of the machine's scores of %(judged)s"),
    N_("No review of a drawn one of the period confirms it, so it is unverified and has no interval"),
    N_("%(n)s interactions"),
    N_("%(n)s interactions and parts of them"),
    N_("Some of %(judged)s were drawn by chance"),
    N_("%(n)s of %(judged)s were drawn by chance"),
    N_(
        "%(n)s are reviewed by people in the order of the draw, each with a known probability of "
        "having been drawn and reviewed by now (%(low)s %%)"
    ),
    N_(
        "%(n)s are reviewed by people in the order of the draw, each with a known probability of "
        "having been drawn and reviewed by now (%(low)s %% to %(high)s %%)"
    ),
    N_("none of them is reviewed in the order of the draw yet"),
    N_("A few reviews were done before their turn and count when it has come"),
    N_("%(n)s reviews were done before their turn and count when it has come"),
    N_("A few interactions arrived after the last review in turn: they are not in the number"),
    N_("%(n)s interactions arrived after the last review in turn: they are not in the number"),
    N_("A few interactions under no sampling policy are not in the number"),
    N_("%(n)s interactions under no sampling policy are not in the number"),
    N_(
        "That is too few for a number: at least ten reviews are asked for, and as many as scores "
        "with a standard deviation of %(n)s points need for an interval of %(m)s points"
    ),
    N_(
        "The estimate is what reviewers would say of every interaction: their scores, made more "
        "precise by the machine's, which have a weight of %(n)s"
    ),
    N_("The estimate is the reviewers' own mean, weighted by those probabilities; the machine adds nothing"),
    N_(
        "It is what these reviewers would say: how far reviewers differ in severity is neither taken "
        "out nor in the interval"
    ),
    N_(
        "The severity of reviewers, as calibration measured it, is taken out: that moves the number "
        "by %(n)s points, and what is uncertain of it is in the interval"
    ),
    N_("A few reviews are by people without a calibration and stay as they are"),
    N_("%(n)s reviews are by people without a calibration and stay as they are"),
    N_(
        "In 95 of 100 such draws the interval holds the value for all interactions, at any moment "
        "that was fixed beforehand"
    ),
    N_(
        "The moment of this report was chosen by hand: in 95 of 100 such draws its interval holds the value "
        "at every moment that could have been chosen"
    ),
    N_(
        "Frozen at a date that was fixed beforehand, so its intervals hold as they stand. Credits and "
        "penalties follow reports of this kind alone"
    ),
    N_(
        "Frozen by hand: whoever chooses the moment could wait for a better number, so estimates from "
        "reviews carry the wider intervals that hold at all moments together (asymptotic confidence "
        "sequence, Robbins' normal mixture). Sums over everything that happened, such as SLA and "
        "sentiment, are the same at any moment. Credits and penalties do not follow it: they follow "
        "dates that were fixed beforehand alone"
    ),
    N_("where somebody chooses the moment by the number, only wider limits hold, %(low)s to %(high)s"),
    N_("Nothing was disputed in this period"),
    N_("%(n)s disputes that were opened in this period"),
    N_(
        "Shares are of the answers with a decision, the last one where it was appealed; their "
        "intervals are Wilson's at 95 %"
    ),
    N_(
        "Who disputes chooses what is disputed: a share says how often a dispute was right, not how "
        "often reviewers are wrong"
    ),
    N_("Nothing was stored"),
    N_("None of %(noun)s has a total both before and after"),
    N_("No total, outcome or band of %(noun)s would change"),
    N_("The mean total of %(noun)s would stay at %(n)s"),
    N_("The mean total of %(noun)s would move from %(n)s to %(m)s"),
    N_(
        "The mean total of %(noun)s would rise by %(points)s points from %(n)s to %(m)s (95 %% "
        "interval of the difference %(low)s to %(high)s)"
    ),
    N_(
        "The mean total of %(noun)s would fall by %(points)s points from %(n)s to %(m)s (95 %% "
        "interval of the difference %(low)s to %(high)s)"
    ),
    N_(
        "The mean total of %(noun)s shows no clear move, from %(n)s to %(m)s (95 %% interval of the "
        "difference %(low)s to %(high)s)"
    ),
    N_("1 automatic evaluation"),
    N_("%(n)s automatic evaluations"),
    N_("1 human evaluation"),
    N_("%(n)s human evaluations"),
    N_("1 repeated evaluation"),
    N_("%(n)s repeated evaluations"),
    N_("no outcome would flip"),
    N_("%(n)s would fail that passed, and %(m)s pass that failed"),
    N_("%(n)s of them lacks an answer that it asks for"),
    N_("%(n)s of them lack an answer that it asks for"),
    N_("no answer would change"),
    N_(
        "answers to %(n)s of %(m)s questions would change, most often those to '%(question)s' "
        "(%(count)s of %(of)s)"
    ),
    N_("No interaction of this period would be judged by it, so there is nothing to compare"),
    N_("Only stored answers are scored anew, and there are none"),
    N_(
        "Every present evaluation of the period made with a version of this scorecard was read, and "
        "its stored answers were scored anew"
    ),
    N_(
        "The newest %(n)s present evaluations of the period were read, not a random sample, and its "
        "stored answers were scored anew"
    ),
    N_("A question without a usable answer is left out of the new score"),
    N_("Differences are exact for these evaluations; the intervals say how far others like them would move"),
    N_("There is no such interaction in this period"),
    N_("All %(n)s interactions that it concerns were judged twice"),
    N_("%(n)s of %(m)s interactions that it concerns, drawn by chance, were judged twice"),
    N_("the time was over before the sample was"),
    N_("by what is in force now, and with the change"),
    N_(
        "Brand voice and playbooks are those of today on both sides, so the difference is the change "
        "alone; the intervals say how far all interactions like these would move"
    ),
    N_("No interaction of this period has been scored: choose another period, or wait"),
    N_("No interaction of this period is emotionally charged: choose a longer period"),
    N_("No customer of an emotionally charged case is known: push interactions with `customer`"),
    N_("Nothing says yet that any customer has left: push `churned` as an outcome or a later event"),
    N_("Too few emotionally charged cases are old enough: the figures are kept back"),
    N_(
        "No emotionally charged case of this period is %(n)s days old yet: choose a period that begins "
        "on %(day)s or before"
    ),
    N_(
        "Of the customers of %(n)s emotionally charged cases %(points)s %% (%(low)s to %(high)s) had not "
        "left %(days)s days later"
    ),
    N_(
        "Of the customers of %(n)s emotionally charged cases %(points)s %% (%(low)s to %(high)s) had not "
        "left %(days)s days later, after all others %(m)s %%"
    ),
    N_("No playbook leaves agents any discretion: publish one with `discretion`"),
    N_(
        "In no interaction of this period did a playbook's discretion apply: choose a longer period, or "
        "look whether its triggers and needs are what customers say"
    ),
    N_("Discretion applied in %(n)s interactions; too few tell how it was used"),
    N_(
        "Where a playbook leaves discretion and the customer needed it, agents used it within its limit "
        "in %(points)s %% of %(n)s interactions (%(low)s to %(high)s)"
    ),
    N_("In %(n)s they went over the limit"),
    N_(
        "Of no interaction with an empathy score the load is known: push `handling` with `concurrency` or "
        "`handle_seconds`"
    ),
    N_("Of %(load)s too little is known: the figures are kept back"),
    N_("Too few alike interactions differ in %(load)s to tell how empathy goes with it"),
    N_("Empathy does not clearly fall with %(load)s, among %(n)s alike interactions"),
    N_(
        "With more than %(n)s %(load)s empathy is %(points)s points lower (%(low)s to %(high)s) among "
        "alike interactions"
    ),
    N_("the load at which it falls lies between %(low)s and %(high)s"),
    N_("conversation at once"),
    N_("conversations at once"),
    N_("handling time"),
    N_("minute of handling time"),
    N_("minutes of handling time"),
)
