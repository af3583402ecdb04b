-- Values that repeat in the final rows, as codes: each text stands once in its type, and rows carry its number.
create or replace temp type event_code as enum ({events});
create or replace temp type status_code as enum ({statuses});
create or replace temp type account_code as enum (
    select coalesce(account, '') from sources group by 1 union select '' order by 1);
create or replace temp type owner_code as enum (
    select owner from sources where owner is not null union select unnest([{owners}]::varchar[])
    union select '' order by 1);
create or replace temp type file_code as enum (select file from sources union select '' order by 1);
create or replace temp type hash_code as enum (select file_sha256 from sources union select '' order by 1);
create or replace temp type rule_code as enum (select rule from sources union select '' order by 1);
create or replace temp type files_code as enum (
    select alone from sources union select seen_in from file_lists union select '' order by 1);
create or replace temp type merchant_code as enum (
    select merchant from text_classes where merchant is not null union select '' order by 1);
create or replace temp type category_code as enum (
    select merchant_category from text_classes where merchant_category is not null
    union select unnest({rule_categories})
    union select category from told_categories where category is not null
    union select '{uncategorised}' order by 1);

create or replace temp table source_codes as
select source, key_prefix, account::account_code as account, owner::owner_code as owner, file::file_code as file,
    file_sha256::hash_code as file_sha256, rule::rule_code as rule, alone::files_code as alone
from sources;

create or replace temp table text_codes as
select stem, payee, rule_class, merchant::merchant_code as merchant, merchant_category::category_code as category,
    event_out::event_code as event_out, event_in::event_code as event_in
from text_classes;

create or replace temp table category_codes as
select name, category::category_code as category, event_out::event_code as event_out, event_in::event_code as event_in
from told_categories;

create or replace temp table exception_codes as
select rid, status::status_code as status, occurrence, seen_in::files_code as seen_in, category_src, payee,
    transfer_id, event_type::event_code as event_type
from exceptions;
