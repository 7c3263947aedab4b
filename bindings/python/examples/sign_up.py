"""A web service's sign-up: sends a code to an address, and takes it back.

    pip install ./bindings/python fastapi uvicorn
    export HUAWEICLOUD_SDK_AK=... HUAWEICLOUD_SDK_SK=...
    uvicorn --app-dir bindings/python/examples sign_up:app

The client is made once, with the service, and shared by all requests.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator

from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from contactverify import ContactVerifyError, ContactWay, RejectedError, Sent
from contactverify.aio import Client

# What the service calls a code that was asked for again within a minute.
TOO_SOON = "OSM.01010024"


class Address(BaseModel):
    """Where a code is wanted."""

    email: str


class Code(Address):
    """The code that a person typed in."""

    code: str


@contextlib.asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncGenerator[None, None]:
    """Opens the client before the first request and closes it after the last."""
    async with Client(region="cn-south-1", credentials_from_environment=True, timeout=5) as client:
        app.state.client = client
        yield


app = FastAPI(lifespan=lifespan)


@app.post("/codes", status_code=202)
async def send(address: Address, request: Request) -> dict[str, str]:
    """Has a code sent."""
    client: Client = request.app.state.client
    try:
        await client.send_code(address.email, ContactWay.EMAIL)
    except RejectedError as error:
        if error.error_code == TOO_SOON:
            raise HTTPException(429, "One code a minute.", {"Retry-After": "60"}) from error
        raise
    return {"detail": "A code is on its way."}


@app.post("/sign-ups", status_code=201)
async def sign_up(code: Code, request: Request) -> dict[str, str]:
    """Takes the code. Only a result that is true makes an account."""
    client: Client = request.app.state.client
    result = await client.verify_codes(code.code, code.email, ContactWay.EMAIL)
    if not result:
        raise HTTPException(403, "This code is wrong, used or expired.")
    return {"detail": "Welcome."}


@app.exception_handler(ContactVerifyError)
async def no_verdict(_: Request, error: ContactVerifyError) -> JSONResponse:
    """Nobody knows: says whether the same code can be tried again."""
    if error.field in ("verify_code", "contact_value"):
        return JSONResponse({"detail": f"{error.field} is not valid."}, 422)
    again = "Try again." if error.sent is Sent.NO else "Have a new code sent."
    return JSONResponse({"detail": f"This does not work at the moment. {again}"}, 503)
