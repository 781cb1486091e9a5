"""Loads the tickets with dlt: REST source to PostgreSQL. The argument is the write disposition."""

import json
import os
import sys

import dlt
from dlt.sources.helpers.rest_client.paginators import OffsetPaginator
from dlt.sources.rest_api import rest_api_source


class Pages(OffsetPaginator):
    """Paginator whose offset is a field of a JSON text in the query."""

    def __init__(self):
        super().__init__(limit=100, offset=1, total_path="list_info.total_count")

    def init_request(self, request):
        self.place(request)

    def update_request(self, request):
        self.place(request)

    def place(self, request):
        request.url = os.environ["PAGE_URL"].replace("START_INDEX", str(self.current_value))
        request.params = {}


disposition = sys.argv[1]
# dlt requires a password. The server accepts any.
database_url = os.environ["DATABASE_URL"].replace("postgres://postgres@", "postgresql://postgres:unused@")
resource = {
    "name": "requests",
    "primary_key": "id",
    "write_disposition": disposition,
    "endpoint": {"path": "api/v3/requests", "data_selector": "requests", "paginator": Pages()},
}
source = rest_api_source(
    {
        "client": {
            "base_url": os.environ["DESK_URL"],
            "headers": json.loads(os.environ["DESK_HEADERS"]),
        },
        "resources": [resource],
    }
)
pipeline = dlt.pipeline(
    f"bench_{disposition}",
    pipelines_dir=os.environ["SCRATCH"],
    destination=dlt.destinations.postgres(database_url),
    dataset_name="bench",
)
pipeline.run(source).raise_on_failed_jobs()
