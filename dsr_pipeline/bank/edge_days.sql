-- Two exports that share one day, the last of the left and the first of the right one. Where both have a running
-- balance, the balance with which the right one opens says after which row of the left one it begins.
create or replace temp table meeting_rows as
select r.file_no, r.stream, r.key_date as day,
    key_hash(r.day_hash, r.source_id, norm_of(r.norm, r.description)) as kh, r.amount, r.balance,
    row_number() over (partition by r.file_no, r.stream, r.key_date order by r.position, r.rid) as nth
from statement_rows r
semi join (
    select left_file as file_no, stream, day from meetings where chained
    union select right_file, stream, day from meetings where chained
) m on m.file_no = r.file_no and m.stream = r.stream and m.day = r.key_date
where not r.pending;

create or replace temp table cuts as
with possible as (
    select m.meeting, m.left_file, m.right_file, m.stream, m.day, l.nth as cut
    from meetings m join meeting_rows l on l.file_no = m.left_file and l.stream = m.stream and l.day = m.day
    where m.chained and l.balance = m.opening
    union all
    select m.meeting, m.left_file, m.right_file, m.stream, m.day, 0
    from meetings m join meeting_rows l on l.file_no = m.left_file and l.stream = m.stream and l.day = m.day
    where m.chained and l.nth = 1 and l.balance - l.amount = m.opening
), contradicted as (
    select p.meeting, p.cut
    from possible p
    join meeting_rows l on l.file_no = p.left_file and l.stream = p.stream and l.day = p.day and l.nth > p.cut
    left join meeting_rows r
        on r.file_no = p.right_file and r.stream = p.stream and r.day = p.day and r.nth = l.nth - p.cut
    where r.kh is distinct from l.kh or r.balance is distinct from l.balance
)
select meeting, any_value(left_file) as left_file, any_value(right_file) as right_file, any_value(stream) as stream,
    any_value(day) as day, min(cut) as cut, count(*) > 1 as ambiguous
from possible anti join contradicted using (meeting, cut)
group by meeting;

-- How many equal rows of the left export come before the right one begins.
create or replace temp table rows_before as
select c.left_file, c.right_file, l.kh, count(*) as already
from cuts c
join meeting_rows l on l.file_no = c.left_file and l.stream = c.stream and l.day = c.day and l.nth <= c.cut
where exists (
    select 1 from meeting_rows r
    where r.file_no = c.right_file and r.stream = c.stream and r.day = c.day and r.kh = l.kh)
group by all;
