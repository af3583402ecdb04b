-- Posted rows of two own accounts with opposite amounts, at most four days apart (five where a whole weekend lies
-- between). Days are put into boxes of five, so that a leg is compared with three boxes and not with all days.
create or replace temp table possible_transfers as
with legs as (
    select r.rid, r.account_no, r.key_date as day, r.amount, r.currency, (r.key_date - date '1970-01-05') // 5 as box
    from statement_rows r
    anti join fallen using (rid)
    where not r.pending and r.amount <> 0
), arrivals as (
    select *, unnest([box - 1, box, box + 1]) as near_box from legs where amount > 0
)
select o.rid as from_rid, i.rid as to_rid, abs(i.day - o.day) as days, i.amount, coalesce(o.currency, i.currency) as currency
from legs o
join arrivals i on i.near_box = o.box and i.amount = -o.amount
where o.amount < 0 and i.account_no <> o.account_no and coalesce(i.currency = o.currency, true)
    and (abs(i.day - o.day) <= 4
        or abs(i.day - o.day) = 5 and isodow(least(i.day, o.day)) not in (1, 7));

create or replace temp table transfer_legs as
select r.rid, r.account_no, s.is_card, r.description, r.payee, r.rule_class, r.category_src, r.amount,
    concat_ws(' ', r.description, r.payee, r.reference, r.extras) as words
from statement_rows r
join sources s using (source)
semi join (
    select from_rid as rid from possible_transfers union select to_rid from possible_transfers
) using (rid);
