"""The list of announcements for the staff's screens."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view

from recovery.actions.views import VisibleRows
from recovery.alumni.documents import CampaignDocument
from recovery.alumni.models import Campaign

SCOPE = OpenApiParameter(
    "scope", {"type": "string", "format": "uuid"}, description="the staff of a programme"
)


class CampaignRow(CampaignDocument):
    class Meta(CampaignDocument.Meta):
        fields = ["id", *CampaignDocument.Meta.fields]


@extend_schema_view(
    get=extend_schema(operation_id="alumni.list_campaigns", tags=["alumni"], parameters=[SCOPE])
)
class Campaigns(VisibleRows):
    """Announcements to all alumni, newest first, with the number of people reached."""

    model = Campaign
    serializer_class = CampaignRow
    newest_first = ("-drafted_at", "-id")
