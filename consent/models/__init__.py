"""The two terms documents, their versions and notices, and what people agreed to."""

from consent.models.consents import Consent, ConsentWithdrawal, Method, MinistryRecord
from consent.models.notices import ChangeNotice, NoticeDelivery
from consent.models.versions import ArticlePoint, RowCorrection, TermsDocument, TermsVersion

__all__ = [
    "ArticlePoint",
    "ChangeNotice",
    "Consent",
    "ConsentWithdrawal",
    "Method",
    "MinistryRecord",
    "NoticeDelivery",
    "RowCorrection",
    "TermsDocument",
    "TermsVersion",
]
