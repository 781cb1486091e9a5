"""Loads the tickets as the first design of the product did: page after page, one INSERT and COMMIT per ticket. Its
pauses are left out."""

import asyncio
import datetime
import json
import os

import httpx
import sqlalchemy
from sqlalchemy.ext.asyncio import create_async_engine

CREATE = """
create table ticket_history (
    id bigint generated always as identity primary key,
    tenant_id varchar(100) not null, ticket_id varchar(100) not null, description text not null,
    resolution text not null, resolved_date timestamptz not null, tags jsonb not null, source varchar(50),
    ingested_at timestamptz, unique (tenant_id, ticket_id)
)"""

INSERT = sqlalchemy.text(
    """insert into ticket_history (tenant_id, ticket_id, description, resolution, resolved_date, tags, source, ingested_at)
       values ('bench', :id, :description, :resolution, :resolved, cast(:tags as jsonb), 'bulk_import', now())
       on conflict (tenant_id, ticket_id) do nothing"""
)


def transformed(ticket):
    resolved = ticket.get("resolved_time") or ticket["completed_time"]
    return {
        "id": str(ticket["id"]),
        "description": f"{ticket['subject']}\n\n{ticket['description']}",
        "resolution": (ticket.get("resolution") or {}).get("content") or "",
        "resolved": datetime.datetime.fromtimestamp(int(resolved["value"]) / 1000, datetime.UTC),
        "tags": json.dumps([tag if isinstance(tag, str) else tag["name"] for tag in ticket.get("tags") or []]),
    }


async def main():
    engine = create_async_engine(os.environ["DATABASE_URL"].replace("postgres://", "postgresql+asyncpg://"))
    headers = json.loads(os.environ["DESK_HEADERS"])
    limit = int(os.environ["STORY_TICKETS"])
    async with engine.connect() as connection, httpx.AsyncClient(headers=headers, timeout=30) as client:
        await connection.execute(sqlalchemy.text(CREATE))
        await connection.commit()
        stored, start, more = 0, 1, True
        while more and stored < limit:
            url = os.environ["PAGE_URL"].replace("START_INDEX", str(start))
            page = (await client.get(url)).raise_for_status().json()
            for ticket in page["requests"]:
                await connection.execute(INSERT, transformed(ticket))
                await connection.commit()
            stored += len(page["requests"])
            more, start = page["list_info"]["has_more_rows"], start + 100
    await engine.dispose()


asyncio.run(main())
