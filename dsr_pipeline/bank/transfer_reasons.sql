-- What the legs say: whether in words (`leg_texts`) or by the source's category it is a transfer, and which numbers of
-- at least eight digits stand in them.
create or replace temp table told_legs as
select l.rid, l.account_no, l.is_card, {joined_words} as joined_words,
    list_distinct(regexp_extract_all(l.words, '[0-9]{8,}')) as numbers,
    coalesce(case when l.amount < 0 then t.event_out else t.event_in end in ({events}), false)
        or c.name is not null as says_transfer
from (select *, {stem} as stem from transfer_legs) l
left join leg_texts t on t.stem = l.stem and t.payee is not distinct from l.payee and t.rule_class = l.rule_class
left join telling_categories c on c.name = l.category_src;

-- Pairs that have a reason besides amount and days. The lower the cost the better: a shared reference or the IBAN of
-- the other account weighs more than any word, words more than days.
create or replace temp table transfer_candidates as
with told as (
    select p.*, i.is_card as to_card,
        case when len(o.numbers) > 0 and len(i.numbers) > 0
            then list_sort(list_intersect(o.numbers, i.numbers))[1] end as reference,
        {names_other} as names_other,
        o.says_transfer::integer + i.says_transfer::integer as words
    from possible_transfers p
    join told_legs o on o.rid = p.from_rid
    join told_legs i on i.rid = p.to_rid
)
select *, (100 * (reference is null and not names_other)::integer + 10 * (2 - words) + days)::integer as cost
from told
where reference is not null or names_other or words > 0;
