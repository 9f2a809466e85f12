-- A thousand of the stored interactions were drawn, judged by a person and submitted.
with drawn as (
    select f.*, 'e' || substr(f.interaction_id::text, 2) as evaluation, row_number() over () as place
    from interaction_facts f
    where f.tenant_id = %(tenant)s and f.client_id = %(client)s and f.sampled = 1
    order by f.draw, f.interaction_id limit 1000
),
judged as (
    insert into evaluations (
        tenant_id, client_id, interaction_id, evaluation_id, kind, versions, answers, sections, findings, critical,
        score, outcome, empathy, listen_validate, acknowledge_own, resolve_personalize, follow_up_reassure, created_at
    )
    select tenant_id, client_id, interaction_id, evaluation::uuid, 'human', '{}', '[]', '{}', '{}', '[]',
           score - 3 + place %% 7, 'pass', empathy - 3 + place %% 7, listen_validate, acknowledge_own - place %% 3,
           resolve_personalize, follow_up_reassure, started_at
    from drawn
)
insert into reviews (
    tenant_id, client_id, review_id, interaction_id, state, targeted, reasons, inclusion_probability, draw,
    started_at, draft, revision, evaluation_id, created_at, finished_at
)
select tenant_id, client_id, interaction_id, interaction_id, 'submitted', false, '["base_rate"]', 0.05, 0.01,
       started_at, '[]', 1, evaluation::uuid, started_at, started_at
from drawn;
