-- Interactions that were scored long ago, as reports find them; %(first)s to %(last)s, spread over twelve
-- months and sixty agents. An agent works for one program and one queue, on two channels, mostly at normal
-- priority. Reports never read transcripts, so these have none. There are twenty contact reasons, which are the
-- themes; a third of the customers answer how satisfied they are, and a customer comes eight times on average. One interaction in a thousand has been
-- reviewed when a hundred thousand are stored, one in ten thousand with a million: a thousand in all.
with made as (
    select n, md5(n::text)::uuid as id,
           timestamptz '2025-09-01 00:00Z' + make_interval(secs => (n * 7919 %% 31104000)) as at,
           (n * 31 %% 60) as agent, (n * 17 %% 2) as second_channel, n %% 10 as tenth,
           40 + (n * 37 %% 600) / 10.0 as points, (n * 13 %% 200) / 100.0 - 1 as mood,
           'reason-' || (n * 29 %% 20) as reason, n %% 3 = 0 as answered
    from generate_series(%(first)s::bigint, %(last)s) as n
),
stored as (
    insert into interactions (
        tenant_id, client_id, interaction_id, external_id, channel, language, program, queue, priority, agent,
        intent, customer, agent_details, started_at, turns, status, outcome, details, digest, state
    )
    select %(tenant)s, %(client)s, id, 'h-' || n, (array['chat', 'email', 'voice', 'ticket'])[1 + (agent + second_channel) %% 4],
           'en', 'program-' || agent %% 3, 'queue-' || agent %% 5,
           case when tenth < 8 then 'normal' when tenth = 8 then 'high' else 'urgent' end, 'a-' || agent,
           reason, 'c-' || (n * 7 %% 12500) + n / 100000 * 12500, '{}', at, '[]', '[]', '{}', '{}', '\x00', 'scored'
    from made
),
themed as (
    insert into friction_facts (
        tenant_id, client_id, interaction_id, theme, apologised, handle_seconds, concurrency,
        csat, nps, first_contact, reopened, discretion, version, seen_at
    )
    select %(tenant)s, %(client)s, id, reason, (n %% 4 = 0)::int, 60 + n * 11 %% 1800, 1 + n * 5 %% 4,
           case when answered then 1 + n * 7 %% 5 end, case when answered then 100 * (n * 11 %% 3 - 1) end,
           case when answered then 100 * (n %% 2) end, 100 * (n %% 10 = 0)::int,
           case when tenth = 0 then '[["refund", true, "within"]]'::jsonb else '[]'::jsonb end, 0, now()
    from made
)
insert into interaction_facts (
    tenant_id, client_id, interaction_id, started_at, drawable_since, day, channel, program, queue, priority, agent,
    rate, score, empathy, listen_validate, acknowledge_own, resolve_personalize, follow_up_reassure,
    shift, sentiment_start, sentiment_end, peak_distress,
    scored, judged, passed, charged, sampled, started_negative, recovered,
    first_response_met, first_response_breached, first_response_closed_unanswered, first_response_paused,
    next_response_met, next_response_breached, next_response_closed_unanswered, next_response_paused,
    resolution_met, resolution_breached, resolution_paused, sla_rule, sla_version, clocks, inclusion_probability, draw
)
select %(tenant)s, %(client)s, id, at, at, (at at time zone 'UTC')::date,
       (array['chat', 'email', 'voice', 'ticket'])[1 + (agent + second_channel) %% 4],
       'program-' || agent %% 3, 'queue-' || agent %% 5,
       case when tenth < 8 then 'normal' when tenth = 8 then 'high' else 'urgent' end, 'a-' || agent,
       0.05, points, points, points, points, points, case when tenth < 3 then null else points end,
       mood / 2, mood, mood * 1.5, abs(mood),
       1, 1, (points >= 70)::int, (abs(mood) > 0.8)::int, (n %% 20 = 0)::int, (mood < 0)::int, 0,
       (tenth > 0)::int, (tenth = 0)::int, 0, 0, 0, 0, 0, 0, (tenth > 1)::int, (tenth <= 1)::int, 0,
       'everything', 1, '[]', 0.05, 0.5
from made;
