"""The list of announcements for the staff's screens."""

from __future__ import annotations

from recovery.actions.views import VisibleRows, described_list
from recovery.alumni.documents import CampaignDocument
from recovery.alumni.models import Campaign


class CampaignRow(CampaignDocument):
    class Meta(CampaignDocument.Meta):
        fields = ["id", *CampaignDocument.Meta.fields]


@described_list("alumni.list_campaigns", scope="the staff of a programme")
class Campaigns(VisibleRows):
    """Announcements to all alumni, newest first, with the number of people reached."""

    model = Campaign
    serializer_class = CampaignRow
    newest_first = ("-drafted_at", "-id")
