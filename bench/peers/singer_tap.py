"""Singer tap for the helpdesk, built with the Meltano SDK."""

import json
import os

from singer_sdk import RESTStream, Tap
from singer_sdk import typing as th
from singer_sdk.pagination import BaseOffsetPaginator


class Pages(BaseOffsetPaginator):
    def has_more(self, response):
        return response.json()["list_info"]["has_more_rows"]


class Requests(RESTStream):
    name = "requests"
    path = "/api/v3/requests"
    primary_keys = ("id",)
    records_jsonpath = "$.requests[*]"
    url_base = os.environ["DESK_URL"]
    schema = th.PropertiesList(
        th.Property("id", th.StringType, required=True),
        th.Property("subject", th.StringType),
        th.Property("description", th.StringType),
        th.Property("resolution", th.ObjectType(additional_properties=True)),
        th.Property("resolved_time", th.ObjectType(additional_properties=True)),
        th.Property("completed_time", th.ObjectType(additional_properties=True)),
        th.Property("status", th.ObjectType(additional_properties=True)),
        th.Property("category", th.ObjectType(additional_properties=True)),
        th.Property("priority", th.ObjectType(additional_properties=True)),
    ).to_dict()

    @property
    def http_headers(self):
        return json.loads(os.environ["DESK_HEADERS"])

    def get_new_paginator(self):
        return Pages(start_value=1, page_size=100)

    def prepare_request(self, context, next_page_token):
        request = super().prepare_request(context, next_page_token)
        request.url = os.environ["PAGE_URL"].replace("START_INDEX", str(next_page_token or 1))
        return request


class Helpdesk(Tap):
    name = "tap-helpdesk"
    config_jsonschema = th.PropertiesList().to_dict()

    def discover_streams(self):
        return [Requests(self)]


Helpdesk.cli()
