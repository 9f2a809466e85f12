"""What waits and nobody may review, named as such: it is passed over, as non-response, and holds nothing up.

Whoever works the queue counts: people whose role is `reviewer`, and others who have taken something from it
in the last four weeks. Where there is nobody at all, what waits is a backlog and no more.
"""

from sqlalchemy import text
from sqlalchemy.orm import Session

_NAME = text("""
    with people as (
        select u.user_id, u.agent, u.team,
               array(select lower(split_part(x, '-', 1)) from unnest(u.languages) x) as languages,
               array(select lower(x) from unnest(u.skills) x) as skills,
               array(select m.client_id from memberships m where m.user_id = u.user_id) as clients
        from users u
        where u.disabled_at is null and (
            u.role = 'reviewer'
            or u.role in ('admin', 'qm_manager') and exists (
                select from reviews t
                where t.reviewer_id = u.user_id and not t.targeted
                    and t.claimed_at > now() - interval '28 days'
            )
        )
    ),
    waiting as (
        select r.review_id, r.client_id, r.nobody, r.interaction_id
        from reviews r
        where r.state = 'queued' and r.reviewer_id is null and not r.targeted
    ),
    kinds as (
        select w.review_id, w.nobody, w.client_id, lower(split_part(i.language, '-', 1)) as language,
               lower(i.program) as program, i.agent, i.part_agent, i.turn_agents,
               coalesce((c.settings ->> 'review_own_team')::boolean, true) as own_team
        from waiting w
        join interactions i on i.interaction_id = w.interaction_id and i.client_id = w.client_id
        join clients c on c.client_id = w.client_id
    ),
    judged as (
        select k.review_id, k.nobody, case
            when f.works = 0 or f.may > 0 then null
            when f.speaks = 0 then 'language'
            when f.skilled = 0 then 'skill'
            else 'own'
        end as found
        from kinds k
        cross join lateral (
            select count(*) as works, count(*) filter (where a.speaks) as speaks,
                   count(*) filter (where a.speaks and a.skilled) as skilled,
                   count(*) filter (where a.speaks and a.skilled and not a.own) as may
            from (
                select p.languages = '{}' or k.language = any(p.languages) as speaks,
                       p.skills = '{}' or k.program is null or k.program = any(p.skills) as skilled,
                       p.agent is not null and (
                           p.agent = coalesce(k.agent, '') or p.agent = k.part_agent
                           or k.turn_agents ? p.agent
                       )
                       or not k.own_team and p.team is not null and exists (
                           select from users c where c.agent = k.agent and c.team = p.team
                       ) as own
                from people p
                where p.clients = '{}' or k.client_id = any(p.clients)
            ) a
        ) f
    ),
    -- Only what changes is locked: whoever asks for the next review passes over what is.
    changed as (
        select r.review_id, j.found
        from reviews r join judged j on j.review_id = r.review_id
        where r.state = 'queued' and r.reviewer_id is null and r.nobody is distinct from j.found
        for update of r skip locked
    )
    update reviews r set nobody = c.found from changed c where r.review_id = c.review_id
""")


def name_unassignable(session: Session) -> int:
    """Note of everything that waits whether nobody may review it, and why; return how many changed.

    The transaction sees all clients of the provider: whether a person is limited to some cannot be seen from
    one of them.
    """
    cursor = session.execute(_NAME)
    return int(cursor.rowcount)  # type: ignore[attr-defined]
