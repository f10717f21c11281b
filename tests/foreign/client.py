"""A Shopbell client in another language, written from docs/API.md, docs/SPEC.md and /api/v1/asyncapi.json alone.

Needs Python 3.9 and the package `websockets` (Debian: python3-websockets). Client is all that a program needs to listen;
below it is a play of one evening, whose outcome is printed as JSON: client.py http://localhost:8787
"""
import asyncio
import json
import sys
import urllib.request
import websockets

API = sys.argv[1] + "/api/v1"


def call(method, path, token=None, body=None):
    headers = {"Content-Type": "application/json"}
    if token:
        headers["Authorization"] = "Bearer " + token
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(API + path, data, headers, method=method)
    with urllib.request.urlopen(request, timeout=20) as answer:
        return json.load(answer)


async def ask(*args):
    return await asyncio.get_running_loop().run_in_executor(None, call, *args)


class Client:
    """One person's own stream: what came, once and in order, through sockets that come and go."""

    def __init__(self, token, device):
        self.token, self.device = token, device
        self.epoch, self.since = None, None
        self.welcome, self.entries, self.pongs = None, [], 0
        self.waiting, self.asked = {}, 0
        self.changed = asyncio.Condition()

    async def connect(self):
        url = f"{API.replace('http', 'ws', 1)}/ws?device={self.device}"
        if self.epoch is not None:
            url += f"&epoch={self.epoch}&since={self.since}"
        # The library's own pings are no heartbeat: only the text `ping` is.
        self.socket = await websockets.connect(
            url, subprotocols=["shopbell.v1", f"bearer.{self.token}"], ping_interval=None)
        self.welcome = None
        self.reader = asyncio.create_task(self.read())
        await self.until(lambda: self.welcome)
        self.heart = asyncio.create_task(self.beat(self.welcome["heartbeat_interval_s"]))

    async def read(self):
        try:
            async for text in self.socket:
                if text == "pong":
                    self.pongs += 1
                else:
                    said = json.loads(text)
                    for frame in said if isinstance(said, list) else [said]:
                        self.take(frame)
                async with self.changed:
                    self.changed.notify_all()
        except websockets.ConnectionClosed:
            pass

    def take(self, frame):
        kind = frame["type"]
        if kind == "welcome":
            self.welcome = frame
            if not frame["recovered"]:
                # A new life, or too far behind: what we hold is void, and a snapshot over REST would replace it.
                self.epoch, self.since, self.entries = frame["epoch"], frame["seq"], []
        elif kind in ("ok", "error"):
            if frame.get("re") in self.waiting:
                self.waiting.pop(frame["re"]).set_result(frame)
        elif "seq" in frame:
            # The frame's seq, not the one in data: that is its place in the stream where it was first written.
            self.since = frame["seq"]
            if kind == "notification":
                self.entries.append(frame["data"])
        # Any other type is of a later server, or not for us.

    async def beat(self, seconds):
        while True:
            await self.socket.send("ping")
            await asyncio.sleep(seconds)

    async def say(self, kind, **fields):
        self.asked += 1
        answer = self.waiting[str(self.asked)] = asyncio.get_running_loop().create_future()
        await self.socket.send(json.dumps({"type": kind, "id": str(self.asked), **fields}))
        return await asyncio.wait_for(answer, 10)

    async def until(self, is_so):
        async with self.changed:
            await asyncio.wait_for(self.changed.wait_for(is_so), 10)

    async def drop(self):
        """As a phone that falls into the sea: no close frame, the connection is just gone."""
        self.heart.cancel()
        self.socket.transport.abort()
        await self.reader


async def play():
    key = {"client_id": "demo-booking", "client_secret": "demo-booking-secret"}
    service = (await ask("POST", "/auth/token", None, {"grant_type": "client_credentials", **key}))["access_token"]
    short = await ask("POST", "/auth/dev", None, {"user_id": "cleo", "expires_in": 8})

    async def send(to, title):
        body = {"to": to, "type": "custom", "title": title}
        return (await ask("POST", "/notifications", service, body))["id"]

    def has(entry_id):
        return any(entry["id"] == entry_id for entry in phone.entries)

    phone = Client(short["access_token"], "python-phone")
    await phone.connect()
    first = phone.welcome
    told = await send({"user_id": "cleo"}, "Hello from Python")
    await phone.until(lambda: has(told))
    acked = await phone.say("ack", seq=phone.since)
    read = await phone.say("read", notification_ids=[told])

    # A fresh token for the open socket, and what comes when the first one is past.
    fresh = await ask("POST", "/auth/dev", None, {"user_id": "cleo"})
    renewed = await phone.say("auth", token=fresh["access_token"])
    phone.token = fresh["access_token"]
    await asyncio.sleep(short["expires_in"])
    await phone.until(lambda: phone.pongs)
    late = await send({"user_id": "cleo"}, "After the first token's end")
    await phone.until(lambda: has(late))

    before = len(phone.entries)
    await phone.drop()
    missed = [await send(to, "While you were away")
              for to in ({"user_id": "cleo"}, {"user_id": "cleo"}, {"location_id": "downtown"})]
    await phone.connect()
    live = await send({"location_id": "downtown"}, "And on it goes")
    await phone.until(lambda: has(live))
    print(json.dumps({
        "subprotocol": phone.socket.subprotocol, "welcome": first, "acked": acked, "read": read, "renewed": renewed,
        "entry": await ask("GET", "/notifications/" + told, phone.token), "pongs": phone.pongs,
        "recovered": phone.welcome["recovered"], "expected": [*missed, live],
        "resumed": [entry["id"] for entry in phone.entries[before:]],
    }))
    phone.heart.cancel()
    await phone.socket.close()


asyncio.run(play())
