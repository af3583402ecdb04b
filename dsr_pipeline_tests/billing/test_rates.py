"""The price lists of an office: what is read of them, and how every mistake is told."""

import time
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from dsr_pipeline.billing.policy import Entry, Named, Policy
from dsr_pipeline.billing.rate_lists import ALWAYS
from dsr_pipeline.billing.rates import customer_id, load_rates, person_id
from dsr_pipeline.lake.contracts.billing import RATES
from dsr_pipeline.lake.validation import validate
from dsr_pipeline.rule_files import RuleFileErrors

HEADER = "CU,CU Description,basis,effective_from,Install Price,Removal Price,Transfer Price"
POLICY = Policy()
Lists = Callable[..., Path]


@pytest.fixture
def lists(tmp_path: Path) -> Lists:
    """Writes files under rules/billing/rates and gives the folder of the rules."""

    def write(**texts: str | bytes) -> Path:
        folder = tmp_path / "billing" / "rates"
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            (folder / f"{name}.csv").write_bytes(text.encode() if isinstance(text, str) else text)
        return tmp_path

    return write


def rows(table: pa.Table, *names: str) -> list[tuple[Any, ...]]:
    return [tuple(row.values()) for row in table.select(list(names)).to_pylist()]


def refused(root: Path, policy: Policy = POLICY) -> list[tuple[int | None, str]]:
    with pytest.raises(RuleFileErrors) as caught:
        load_rates(root, policy)
    return [(error.line, error.message) for error in caught.value.errors]


def test_the_lists_of_the_project_keep_the_contract():
    read = load_rates(Path(__file__).parents[2] / "rules", POLICY)
    assert read.files == ("billing/rates/customer_rates.csv", "billing/rates/price_list.csv")
    assert validate(RATES, read.table).passed
    assert read.table.num_rows == 561 * 3 + 5 * 3


def test_a_price_counts_until_the_next_one_begins(lists: Lists):
    root = lists(
        price_list=f"{HEADER}\nA-1,Arm,primary,2026-04-12,3,0,0\nA-1,Arm,primary,2025-01-05,1.5,0,0\n"
        "A-1,Arm,subcontractor,2025-01-05,1.25,0,0\n"
    )
    read = load_rates(root, POLICY)
    installs = [row for row in read.table.to_pylist() if row["action"] == "install"]
    assert [
        (row["basis"], row["effective_from"], row["effective_until"], row["price"]) for row in installs
    ] == [
        ("primary", date(2025, 1, 5), date(2026, 4, 11), Decimal("1.5")),
        ("primary", date(2026, 4, 12), None, Decimal(3)),
        ("subcontractor", date(2025, 1, 5), None, Decimal("1.25")),
    ]
    assert {row["rate_table"] for row in installs} == {"price_list"}


def test_a_negotiated_rate_counts_for_every_action_and_always(lists: Lists):
    policy = Policy(customers=(Named(id="gulf", names=("Gulf Prairie Electric",)),))
    root = lists(agreed="CU,Customer Name,rate\ntm-1,gulf  prairie ELECTRIC,149.14\nTM-1,Caddo Light,9\n")
    assert rows(
        load_rates(root, policy).table, "cu", "basis", "customer_id", "action", "effective_from", "price"
    ) == [
        ("TM-1", "primary", customer, action, ALWAYS, price)
        for customer, price in (("gulf", Decimal("149.14")), ("name:caddo light", Decimal(9)))
        for action in ("install", "removal", "transfer")
    ]


def test_a_negotiated_rate_may_name_basis_and_day(lists: Lists):
    root = lists(
        agreed="CU,Customer Name,rate,basis,effective_from\nX,Caddo Light,9,subcontractor,2026-01-01\n"
        "X,Caddo Light,8,,\n"
    )
    found = rows(load_rates(root, POLICY).table, "basis", "effective_from", "price")
    assert set(found) == {
        ("primary", ALWAYS, Decimal(8)),
        ("subcontractor", date(2026, 1, 1), Decimal(9)),
    }


def test_lists_as_programs_save_them(lists: Lists):
    """A byte-order mark, padded titles and cells, other columns, blank lines, Windows line ends, a quoted
    comma."""
    root = lists(
        padded="\ufeff Hours, CU ,CU Description , BASIS ,Effective From , Install  Price,removal price,"
        'Transfer Price\r\n1, a-1 ,"Arm, long",primary, 2025-01-05,"$1,234.50",, 0\r\n\r\n,,,,,,,\r\n',
    )
    found = rows(load_rates(root, POLICY).table, "cu", "cu_description", "action", "price")
    assert found == [
        ("A-1", "Arm, long", "install", Decimal("1234.5")),
        ("A-1", "Arm, long", "removal", Decimal(0)),
        ("A-1", "Arm, long", "transfer", Decimal(0)),
    ]


def test_a_blank_price_ends_the_one_before(lists: Lists):
    root = lists(p=f"{HEADER}\nA,,primary,2025-01-05,5,5,5\nA,,primary,2026-01-01,6,,6\n")
    removals = [row for row in load_rates(root, POLICY).table.to_pylist() if row["action"] == "removal"]
    assert [(row["price"], row["effective_until"]) for row in removals] == [
        (Decimal(5), date(2025, 12, 31)),
        (Decimal(0), None),
    ]


def test_an_office_with_decimal_commas(lists: Lists):
    policy = Policy(entry=Entry(decimal=",", date_order="dmy"), currency="EUR")
    root = lists(p=f"{HEADER.replace(',', ';')}\nA;;primary;05.01.2025;1.250,50 €;0;0\n")
    assert rows(load_rates(root, policy).table, "effective_from", "price")[0] == (
        date(2025, 1, 5),
        Decimal("1250.5"),
    )
    assert "decimal mark '.'" in refused(root, Policy(entry=Entry(date_order="dmy")))[0][1]


def test_every_mistake_of_all_lists_is_told_at_once(lists: Lists):
    root = lists(
        a=f"{HEADER}\nA,,primary,2025-01-05,1e5,inf,-1\n,,primary,2025-01-05,1,1,1\nB,,,45000,1,1,0.1234567\n"
        "C,,primary,2025-01-05,1\n\nD,,primary,2025-01-05,1000000000000,1,1\n",
        b="CU,Customer Name,rate\nX,,1\nX,Caddo Light,\n",
        c="code,price\nX,1\n",
        d="",
        e=f"{HEADER}\n".encode() + b"A,caf\xe9,primary,2025-01-05,1,1,1\n",
        f=f'{HEADER}\nA,"x"y,primary,2025-01-05,1,1,1\n',
        g=f"{HEADER},CU\n",
        h="CU,Customer Name,rate,efective_from\nX,Caddo Light,1,2026-01-01\n",
        i=f"{HEADER.replace(',Removal Price', '')}\n",
    )
    assert refused(root) == [
        (2, "install price: '1e5' is no amount of USD with the decimal mark '.'"),
        (2, "removal price: 'inf' is no amount of USD with the decimal mark '.'"),
        (2, "transfer price: '-1' is negative"),
        (3, "the code (CU) is missing"),
        (4, "the basis is missing: write the one that variants.yaml names"),
        (4, "effective_from: '45000' is no day: write it like 2026-04-12"),
        (4, "transfer price: '0.1234567' has more than six decimals"),
        (5, "has 5 columns and the header 7: is a mark missing or too many?"),
        (7, "install price: '1000000000000' is larger than a rate can be"),
        (2, "the customer's name is missing"),
        (3, "rate: '' is no amount of USD with the decimal mark '.'"),
        (1, NEITHER),
        (1, NEITHER),
        (2, "is not UTF-8 text: save it as CSV UTF-8"),
        (2, "is not CSV: ',' expected after '\"'"),
        (1, "the column 'cu' stands twice"),
        (1, "unknown column 'efective from': remove or correct it"),
        (1, "the column 'removal price' is missing"),
    ]


NEITHER = (
    "the header is neither that of a price list (CU, basis, effective_from, Install Price, Removal Price, "
    "Transfer Price) nor that of negotiated rates (CU, Customer Name, rate)"
)


def test_a_list_full_of_mistakes_is_told_short(lists: Lists):
    root = lists(p=f"{HEADER}\n" + "A,,primary,2025-01-05,x,y,z\n" * 30)
    told = refused(root)
    assert len(told) == 51
    assert told[-1] == (None, "and 40 more such mistakes")


def test_two_prices_of_one_unit_and_day_are_refused(lists: Lists):
    """Of two systems that price one unit, the last one written won; here neither does."""
    root = lists(
        a=f"{HEADER}\nA,,primary,2025-01-05,1,1,1\n", b=f"{HEADER}\n\na,Other,primary,2025-01-05,2,2,2\n"
    )
    assert refused(root) == [(3, "'A' has a price of basis primary from 2025-01-05 already: a.csv:2")]


def test_two_spellings_of_a_basis_are_refused(lists: Lists):
    root = lists(a=f"{HEADER}\nA,,primary,2025-01-05,1,1,1\nB,,Primary,2025-01-05,1,1,1\n")
    assert [line for line, _ in refused(root)] == [3]


def test_without_lists_there_are_no_rates(tmp_path: Path, lists: Lists):
    assert load_rates(tmp_path, POLICY).table.num_rows == 0
    root = lists(p=f"{HEADER}\n")
    (root / "billing/rates/~$p.csv").write_bytes(b"\x00")
    read = load_rates(root, POLICY)
    assert read.table.schema == RATES.schema
    assert read.files == ("billing/rates/p.csv",)


def test_the_hash_follows_the_content(lists: Lists):
    root = lists(p=f"{HEADER}\nA,,primary,2025-01-05,1,1,1\n")
    first = load_rates(root, POLICY).hash
    assert load_rates(root, POLICY).hash == first
    assert load_rates(root, Policy(currency="CAD")).hash != first
    lists(p=f"{HEADER}\nA,,primary,2025-01-05,1,1,1.01\n")
    assert load_rates(root, POLICY).hash != first


def test_a_long_list_is_read_quickly(lists: Lists):
    lines = (f"A-{n},Arm {n},primary,2025-01-05,{n}.25,{n}.5,{n}.75" for n in range(5_000))
    root = lists(p="\n".join([HEADER, *lines]))
    began = time.process_time()
    assert load_rates(root, POLICY).table.num_rows == 15_000
    assert time.process_time() - began < 1.5  # about 0.15 s; the rest is for a busy machine


def test_who_a_person_is():
    policy = Policy(people=(Named(id="Ann.Ames@example.com", names=("Ann Ames", "ann@example.com")),))
    assert person_id("Whoever", "Bo@Example.com", policy) == "bo@example.com"
    assert person_id("Whoever", "ANN@example.com", policy) == "ann.ames@example.com"
    assert person_id(" ann  AMES", None, policy) == "ann.ames@example.com"
    assert person_id("Bo  Berg", "", policy) == person_id("BO BERG", "no address", policy) == "name:bo berg"


def test_names_that_sanitising_would_merge_stay_apart():
    """ "A B" and "A_B" shared a group, so that two people's work landed in one file."""
    ids = {customer_id(name, POLICY) for name in ("A B", "A_B", "A-B", "A.B", "A/B", "Ä B", "AB")}
    assert len(ids) == 7


def test_a_blank_is_nobody():
    for blank in ("", "  ", "\u00a0"):
        with pytest.raises(ValueError, match="blank"):
            customer_id(blank, POLICY)
        with pytest.raises(ValueError, match="blank"):
            person_id(blank, None, POLICY)
