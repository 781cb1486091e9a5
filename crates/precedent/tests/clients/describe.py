"""Holds what a server says of itself against the standards.

Its OpenAPI document must be valid; every schema must fit what is really answered. The tools must be usable by the
official MCP client in each of its ways to begin, and their answers fit the schemas that they announce.
"""

import asyncio
import json
import os
import urllib.error
import urllib.request

import httpx2
import jsonschema
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from openapi_spec_validator import validate

URL = os.environ["PRECEDENT_URL"]
TOKEN = os.environ["PRECEDENT_TOKEN"]
QUESTION = {"description": "vpn network password printer server error", "limit": 2}


def call(path, body=None):
    data = None if body is None else json.dumps(body).encode()
    headers = {"Authorization": "Bearer " + TOKEN, "Content-Type": "application/json"}
    request = urllib.request.Request(URL + path, data=data, headers=headers)
    try:
        with urllib.request.urlopen(request) as response:
            return response.status, json.load(response)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def fits(document, path, method, status, answer):
    content = document["paths"][path][method]["responses"][str(status)]["content"]
    (kind,) = content.values()
    resolved = {**kind["schema"], "components": document["components"]}
    jsonschema.validate(answer, resolved, cls=jsonschema.Draft202012Validator)


async def tools(mode):
    headers = {"Authorization": "Bearer " + TOKEN}
    async with httpx2.AsyncClient(headers=headers) as http:
        transport = streamable_http_client(URL + "/mcp", http_client=http)
        async with Client(transport, mode=mode) as client:
            listed = {tool.name: tool for tool in (await client.list_tools()).tools}
            assert set(listed) == {"search_similar_tickets", "get_ticket"}, listed
            for tool in listed.values():
                assert len(tool.description) > 80 and tool.annotations.read_only_hint, tool
                assert tool.annotations.open_world_hint and not tool.annotations.destructive_hint, tool
                assert "untrusted" in tool.description, tool
                for field in tool.input_schema["properties"].values():
                    assert "description" in field or "$ref" in str(field), tool.input_schema
            found = await client.call_tool("search_similar_tickets", QUESTION)
            jsonschema.validate(found.structured_content, listed["search_similar_tickets"].output_schema)
            assert json.loads(found.content[0].text) == found.structured_content
            results = found.structured_content["results"]
            assert 1 <= len(results) <= 2, results
            assert results[0]["untrusted_content"]["description"] and "description" not in results[0], results
            ticket = await client.call_tool("get_ticket", {"ticket_id": results[0]["ticket_id"]})
            jsonschema.validate(ticket.structured_content, listed["get_ticket"].output_schema)
            for name, arguments in [
                ("search_similar_tickets", {}),
                ("search_similar_tickets", {"description": "x", "limit": 0}),
                ("get_ticket", {"ticket_id": "none"}),
            ]:
                try:
                    refused = await client.call_tool(name, arguments)
                    assert refused.is_error, refused
                    assert len(refused.content[0].text) > 20, refused
                except Exception as error:
                    assert type(error).__name__ == "MCPError", repr(error)


status, document = call("/openapi.json")
assert status == 200
validate(document)
search, ticket = "/v1/tenants/{tenant_id}/search", "/v1/tenants/{tenant_id}/tickets/{ticket_id}"
status, found = call("/v1/tenants/acme/search", QUESTION)
assert status == 200 and found["results"], found
fits(document, search, "post", 200, found)
status, one = call("/v1/tenants/acme/tickets/" + found["results"][0]["ticket_id"])
assert status == 200, one
fits(document, ticket, "get", 200, one)
for path, body, template, method, expected in [
    ("/v1/tenants/acme/search", {"limit": 0}, search, "post", 422),
    ("/v1/tenants/other/search", QUESTION, search, "post", 404),
    ("/v1/tenants/acme/tickets/none", None, ticket, "get", 404),
]:
    status, problem = call(path, body)
    assert status == expected, problem
    fits(document, template, method, expected, problem)
for mode in ("auto", "legacy"):
    asyncio.run(tools(mode))
print("as described")
