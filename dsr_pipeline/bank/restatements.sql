-- Rows that a newer export covers. Those that it does not hold have vanished there.
create or replace temp table vanished as
with covered as (
    select r.rid, r.file_no, r.stream, r.newness, r.key_date, r.date, r.amount, r.currency, r.source_id,
        f.rid is null as standing
    from statement_rows r
    join coverage c on c.stream = r.stream and c.day = r.key_date and c.newness > r.newness
    left join fallen f using (rid)
    where not r.pending
), telling as (
    -- Exports that contradict each other in most rows are not two views of one account: nothing is concluded.
    select file_no from covered group by file_no
    having count(*) filter (standing) <= getvariable('few_rows') or 2 * count(*) filter (standing) <= count(*)
)
select * exclude (standing) from covered where standing and file_no in (from telling);

-- Rows of one amount within three days that only newer exports hold, though the older one covers their day.
create or replace temp table appeared as
with holders as (
    select coalesce(m.rep, r.rid) as rep, r.file_no, r.stream, r.newness, r.key_date, r.amount, r.currency, r.source_id,
        min(r.newness) over (partition by coalesce(m.rep, r.rid)) as oldest
    from statement_rows r
    semi join vanished using (stream, amount)
    left join members m using (rid)
    where not r.pending
)
select distinct x.rid as old_rid, h.rep as new_rid
from vanished x
join holders h on h.stream = x.stream and h.amount = x.amount and h.currency is not distinct from x.currency
    and h.newness > x.newness and abs(h.key_date - x.key_date) <= getvariable('near_days')
    and (h.source_id is null or x.source_id is null)
join exports newer on newer.file_no = h.file_no
join exports older on older.file_no = x.file_no
where h.rep <> x.rid
    and x.key_date between newer.first_key_day and newer.last_key_day
    and x.date between newer.first_day and newer.last_day
    -- Of exports that only share one day each may hold another part of it. On the first day of the newer export a row
    -- may be missing because the export begins in the middle of the day.
    and newer.first_key_day <> older.last_key_day and newer.last_key_day <> older.first_key_day
    and (x.key_date > newer.first_key_day or h.key_date <= older.last_key_day)
    and h.oldest > x.newness
    and h.rep not in (select rid from fallen);

-- Old and new rows in groups of one amount whose days lie close together. Only where a group has as many new rows as
-- old ones is each new one taken for the restatement of an old one; else both stay and a person is asked.
create or replace temp table restatement_groups as
with sides as (
    select old_rid as rid, 'old' as side from appeared
    union
    select new_rid, 'new' from appeared
), placed as (
    select s.*, r.stream, r.amount, r.currency, r.key_date, r.newness
    from statement_rows r join sides s using (rid)
), parted as (
    select *, key_date - lag(key_date) over (
        partition by stream, amount, currency order by key_date, rid, side) > getvariable('near_days') as far
    from placed
)
select * exclude (far),
    sum(coalesce(far, false)::integer) over (
        partition by stream, amount, currency order by key_date, rid, side) as part
from parted;

create or replace temp table restatement_pairs as
with numbered as (
    select *, row_number() over (
        partition by stream, amount, currency, part, side order by newness, key_date, rid) as nth
    from restatement_groups
), paired as (
    select stream, amount, currency, part, nth,
        max(rid) filter (side = 'old') as old_rid, max(rid) filter (side = 'new') as new_rid
    from numbered group by all
)
select p.*, a.old_rid is not null as fits
from paired p left join appeared a using (old_rid, new_rid);

create or replace temp table restated as
select old_rid, new_rid
from restatement_pairs
qualify bool_and(fits) over (partition by stream, amount, currency, part);

insert into questions
select 'restated', list_sort(list(distinct g.rid)),
    format('{} row(s) of {} {} stand only in older exports and {} only in newer ones, {} to {}: the numbers differ, '
        || 'so nothing was replaced. Which of them are one transaction?',
        count(*) filter (g.side = 'old'), any_value(g.amount)::decimal(18,2), coalesce(any_value(g.currency), ''),
        count(*) filter (g.side = 'new'), min(g.key_date), max(g.key_date)),
    0.5
from restatement_groups g
anti join (
    select s.stream, s.amount, s.currency, s.part
    from restatement_groups s join restated on s.rid = restated.old_rid and s.side = 'old'
) done on done.stream = g.stream and done.amount = g.amount and done.currency is not distinct from g.currency
    and done.part = g.part
group by g.stream, g.amount, g.currency, g.part;

insert into fallen select old_rid, true from restated;
