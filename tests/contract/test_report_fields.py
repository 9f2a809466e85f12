"""Every field of a report's answer is explained to those who read reports."""

import re

import pytest
from marshmallow import fields

from qm.disputes.report_schemas import DisputeReportSchema
from qm.reports.agreement_schemas import AgreementReportSchema, OverridePageSchema
from qm.reports.empathy_report import NOT_MEASURED
from qm.reports.fairness_schemas import STATUSES as FAIRNESS_STATUSES
from qm.reports.fairness_schemas import FairnessReportSchema, ProviderFairnessReportSchema
from qm.reports.schemas import STATUSES, EmpathyReportSchema, OverviewReportSchema, SlaReportSchema
from tests.contract.docs_reader import page

REPORTS = (
    *(EmpathyReportSchema, SlaReportSchema, OverviewReportSchema, AgreementReportSchema),
    *(OverridePageSchema, FairnessReportSchema, ProviderFairnessReportSchema, DisputeReportSchema),
)


def names_of(schema):
    """The names of the fields of an answer, and of what is nested in it."""
    for name, field in schema.fields.items():
        yield field.data_key or name
        inner = field.inner if isinstance(field, fields.List) else field
        if isinstance(inner, fields.Nested):
            yield from names_of(inner.schema)


def explained():
    text = page("docs/how-to/read-a-report.md").read_text(encoding="utf-8")
    marked = re.findall(r"`([^`]+)`", re.sub(r"```.*?```", "", text, flags=re.DOTALL))
    return {word for each in marked for word in re.findall(r"\w+", each)}


@pytest.mark.parametrize("schema", REPORTS)
def test_every_field_of_a_report_is_explained(schema):
    heading = {"client", "from", "to"}
    assert set(names_of(schema())) - explained() - heading == set()


def test_every_status_of_a_number_is_explained():
    assert {*STATUSES, NOT_MEASURED, *FAIRNESS_STATUSES} <= explained()
