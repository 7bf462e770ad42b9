"""aiosmpplib as a bank that binds to a server. Prints a JSON object a line.

aiosmpplib_esme.py esme PORT SYSTEM_ID PASSWORD SCENARIO

What it does, as seen by trying it: it cannot read an answer to a bind that is refused, which has no body (SMPP 3.4,
4.1.2); where it is to make SAR parameters by itself it fails before anything is sent, so that they are made here; it
tells of one answer for a message of parts.
"""

import asyncio
import json
import sys

from aiosmpplib import ESME, NPI, TON, DeliverSm, OptionalParam, PhoneNumber, SmppError, SubmitSm, SubmitSmResp, state
from aiosmpplib.hook import AbstractHook
from aiosmpplib.log import CRITICAL
from aiosmpplib.protocol import EnquireLinkResp
from aiosmpplib.state import BindMode

CUSTOMER, SHORT_CODE = "38349123456", "50005"
# Whoever waits longer than this waits in vain.
PATIENCE = 45
LONG = "5\n\n" + "Me respekt, klienti juaj i vjeter nga Peja. " * 5


def tell(event, **fields):
    print(json.dumps({"event": event, **fields}), flush=True)


class Told(AbstractHook):
    """Tells of what comes, and lets the scenario wait for it."""

    def __init__(self):
        self.delivered, self.answered, self.alive = asyncio.Queue(), asyncio.Queue(), asyncio.Event()

    async def sending(self, smpp_message, pdu, client_id):
        pass

    async def received(self, smpp_message, pdu, client_id):
        if isinstance(smpp_message, DeliverSm):
            fields = {"from": smpp_message.source.number, "to": smpp_message.destination.number}
            receipt = smpp_message.parse_receipt().get("stat", "") if smpp_message.is_receipt() else None
            tell("deliver_sm", text=smpp_message.short_message, esm_class=smpp_message.esm_class, receipt=receipt, **fields)
            self.delivered.put_nowait(smpp_message)
        elif isinstance(smpp_message, SubmitSmResp):
            tell("submit_sm_resp", status=int(smpp_message.command_status), message_id=smpp_message.message_id)
            self.answered.put_nowait(smpp_message)
        elif isinstance(smpp_message, EnquireLinkResp):
            if not self.alive.is_set():
                tell("enquire_link_resp")
            self.alive.set()
        elif smpp_message is None:
            tell("unread", pdu=pdu.hex())

    async def send_error(self, smpp_message, error, client_id):
        tell("send_error", reason=repr(error))
        self.answered.put_nowait(error)


def sar(number, total):
    tags = {"sar_msg_ref_num": 7, "sar_total_segments": total, "sar_segment_seqnum": number}
    return [OptionalParam(getattr(state, tag.upper()), value) for tag, value in tags.items()]


def submissions(scenario):
    def sms(text, ton=TON.INTERNATIONAL, **fields):
        fields = {"registered_delivery": 0, "log_id": text[:8], **fields}
        source, destination = PhoneNumber(CUSTOMER, TON.INTERNATIONAL, NPI.ISDN), PhoneNumber(SHORT_CODE)
        source.ton = ton  # whatever it is
        return SubmitSm(short_message=text, source=source, destination=destination, **fields)

    return {
        "transceiver": [sms("10")],
        "pair": [sms("10")],
        "ucs2": [sms("10 евра", encoding="ucs2")],
        # Bit 6 asks the library for parts behind a UDH.
        "long": [sms(LONG, esm_class=0x40, auto_message_payload=False)],
        "sar": [sms(part, optional_params=sar(number, 2)) for number, part in enumerate([LONG[:150], LONG[150:]], 1)],
        "payload": [sms(LONG)],
        "receipt": [sms("10", registered_delivery=1)],
        # A type of number that there is not, and then a text that is in order.
        "odd": [sms("10", ton=99), sms("10")],
    }[scenario]


async def started(port, system_id, password, mode):
    hook = Told()
    # Asked for life as soon as nothing has come for a while.
    esme = ESME("127.0.0.1", int(port), system_id, password, bind_mode=mode, hook=hook, log_level=CRITICAL,
                enquire_link_interval=0.5)
    try:
        await esme.connect()
    except (SmppError, ValueError) as error:
        tell("bind_refused", reason=repr(error))
        return None, None, None
    tell("bound", type=mode.name)
    return esme, hook, asyncio.ensure_future(esme.start())


async def esme(port, system_id, password, scenario):
    mode = BindMode.TRANSMITTER if scenario == "pair" else BindMode.TRANSCEIVER
    submitting, answers, running = await started(port, system_id, password, mode)
    if submitting is None:
        return
    receiving, deliveries, also = submitting, answers, running
    if scenario == "pair":
        receiving, deliveries, also = await started(port, system_id, password, BindMode.RECEIVER)
    messages = submissions(scenario)
    for sms in messages:
        await submitting.broker.enqueue(sms)
    for _ in messages[:1] if scenario == "sar" else messages:
        await asyncio.wait_for(answers.answered.get(), PATIENCE)
    for _ in range(2 if scenario == "receipt" else 1):
        await asyncio.wait_for(deliveries.delivered.get(), PATIENCE)
    await asyncio.wait_for(answers.alive.wait(), PATIENCE)
    for one, task in {id(submitting): (submitting, running), id(receiving): (receiving, also)}.values():
        await asyncio.wait_for(one.stop(), PATIENCE)
        await asyncio.wait_for(task, PATIENCE)
        tell("unbound")


asyncio.run({"esme": esme}[sys.argv[1]](*sys.argv[2:]))
