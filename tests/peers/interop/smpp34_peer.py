"""smpp34 as a bank that binds to a server, and as an SMSC that links bind to. Prints a JSON object a line.

smpp34_peer.py esme PORT SYSTEM_ID PASSWORD SCENARIO
smpp34_peer.py smsc PORT SYSTEM_ID PASSWORD SCENARIO

What it does, as seen by trying it: its server looks at no password; it takes no answer from a session that is bound as
a receiver, and closes a session before its unbind_resp is written, more often than not; its client tells a refused bind
from a silent one by no more than that neither succeeds.
"""

import asyncio
import json
import os
import sys

import smpp34

CUSTOMER, SHORT_CODE = "38349123456", "50005"
UCS2 = 8
UDHI, RECEIPT = 0x40, 0x04
# Whoever waits longer than this waits in vain.
PATIENCE = 45


def tell(event, **fields):
    print(json.dumps({"event": event, **fields}), flush=True)


def parts(text, size):
    """The text in parts of so many characters, each behind a UDH of its own."""
    pieces = [text[at : at + size] for at in range(0, len(text), size)]
    head = lambda number: bytes([5, 0, 3, 77, len(pieces), number])
    return [head(number) + piece.encode("ascii") for number, piece in enumerate(pieces, 1)]


LONG = "5\n\n" + "Me respekt, klienti juaj i vjeter nga Peja. " * 5


def long(scenario):
    """A long text in the three ways: short_message and further fields of each part."""
    behind_udh = parts(LONG, 150)
    tags = (smpp34.TLV_SAR_MSG_REF_NUM, b"\0\7"), (smpp34.TLV_SAR_TOTAL_SEGMENTS, bytes([len(behind_udh)]))
    sar = lambda number: [smpp34.Tlv(*tag) for tag in (*tags, (smpp34.TLV_SAR_SEGMENT_SEQNUM, bytes([number])))]
    return {
        "long": [(part, {"esm_class": UDHI}) for part in behind_udh],
        "by turns": [(part, {"esm_class": UDHI}) for part in behind_udh],
        "sar": [(part[6:], {"tlvs": sar(number)}) for number, part in enumerate(behind_udh, 1)],
        "payload": [(b"", {"tlvs": [smpp34.Tlv(smpp34.TLV_MESSAGE_PAYLOAD, LONG.encode("ascii"))]})],
    }[scenario]


def messages(scenario):
    """What the bank submits, and what the SMSC delivers: short_message and further fields of each."""
    if scenario in ("long", "by turns", "sar", "payload"):
        return long(scenario)
    return {
        "ucs2": [("10 евра".encode("utf-16-be"), {"data_coding": UCS2})],
        "receipt": [(b"10", {"registered_delivery": 1})],
        # A type of number that there is not, and then a text that is in order.
        "odd": [(b"10", {"source_addr_ton": 99}), (b"10", {})],
        "borne": [(b"10", {"source_addr_ton": 99})],
    }.get(scenario, [(b"10", {})])


async def client(port, system_id, password, bind_type):
    esme = smpp34.Client("127.0.0.1", int(port), system_id, password, bind_type=bind_type)
    try:
        session = await asyncio.wait_for(esme.connect(), PATIENCE)
    except (smpp34.SmppError, OSError) as error:
        tell("bind_refused", reason=str(error))
        await esme.stop()
        return esme, None
    tell("bound", type=bind_type)
    return esme, session


async def esme(port, system_id, password, scenario):
    transmitter, submitting = await client(port, system_id, password, "TX" if scenario == "pair" else "TRX")
    if submitting is None:
        return
    receiver, receiving = transmitter, submitting
    if scenario == "pair":
        receiver, receiving = await client(port, system_id, password, "RX")
    expected = 2 if scenario == "receipt" else 1

    async def submit(message, fields):
        fields = {"source_addr_ton": 1, "source_addr_npi": 1, **fields}
        answer = await asyncio.wait_for(submitting.submit_sm(SHORT_CODE, message, source_addr=CUSTOMER, **fields), PATIENCE)
        tell("submit_sm_resp", status=answer.command_status, message_id=answer.message_id)

    await all_of(scenario, [submit(message, fields) for message, fields in messages(scenario)])
    for _ in range(expected):
        event = await asyncio.wait_for(receiving.next(), PATIENCE)
        text = event.short_message.decode("ascii")
        tell("deliver_sm", **{"from": event.source_addr, "to": event.destination_addr}, text=text, esm_class=event.esm_class)
    for one, session in {id(transmitter): (transmitter, submitting), id(receiver): (receiver, receiving)}.values():
        await asyncio.wait_for(session.unbind(), PATIENCE)
        tell("unbound")
        await one.stop()


async def all_of(scenario, requests):
    """At once, or each after the answer to the one before."""
    if scenario != "by turns":
        await asyncio.gather(*requests)
    else:
        for request in requests:
            await request


async def smsc(port, system_id, _password, scenario):
    server = smpp34.Server("127.0.0.1", int(port), system_id=system_id)
    await server.start()
    tell("listening")
    sessions, delivered, refused, left = {}, False, False, False
    while True:
        event = await server.next()
        if isinstance(event, smpp34.Esme):
            tell("bound", system_id=event.system_id, receives=event.can_receive)
            sessions[event.session_id] = event
            if event.can_receive and not delivered:
                delivered = True
                asyncio.ensure_future(deliver(event, messages(scenario), scenario))
        elif isinstance(event, smpp34.SubmitSmEvent):
            fields = {"from": event.source_addr, "to": event.destination_addr, "text": event.short_message.decode("ascii")}
            if scenario == "throttle" and not refused:
                refused = True
                tell("throttled", **fields)
                event.reject(smpp34.ESME_RTHROTTLED)
                continue
            tell("submit_sm", registered_delivery=event.registered_delivery, **fields)
            if scenario == "leave" and not left:
                # The unbind goes out before the answer, which the link still waits for.
                left = True
                asyncio.ensure_future(next(iter(sessions.values())).unbind())
                await asyncio.sleep(0.2)
            event.accept("00ABCDEF")
            receiver = next(session for session in sessions.values() if session.can_receive)
            if scenario == "receipt":
                asyncio.ensure_future(deliver(receiver, [(receipt("abcdef"), {"esm_class": RECEIPT})], scenario))
        elif isinstance(event, smpp34.Unbound):
            sessions.pop(event.session_id, None)
            tell("unbound")


def receipt(message_id):
    """With the identifier in other letters and zeros than the answer had."""
    times = "submit date:2611221200 done date:2611221200"
    return f"id:{message_id} sub:001 dlvrd:001 {times} stat:DELIVRD err:000 text:".encode()


async def deliver(session, deliveries, scenario):
    async def one(message, fields):
        fields = {"source_addr_ton": 1, "source_addr_npi": 1, **fields}
        answer = await session.deliver_sm(SHORT_CODE, message, source_addr=CUSTOMER, **fields)
        tell("deliver_sm_resp", status=answer.command_status)

    await all_of(scenario, [one(message, fields) for message, fields in deliveries])


asyncio.run({"esme": esme, "smsc": smsc}[sys.argv[1]](*sys.argv[2:]))
# The library's own threads crash now and then while the interpreter takes itself down.
sys.stdout.flush()
os._exit(0)
