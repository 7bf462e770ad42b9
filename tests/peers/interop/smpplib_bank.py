"""smpplib as a bank that binds to a server. Prints a JSON object a line.

smpplib_bank.py esme PORT SYSTEM_ID PASSWORD SCENARIO

Its own encodings are not asked for: texts go as octets with a data_coding, so that the octets are known.
"""

import json
import sys

from smpplib import client, consts, exceptions, smpp

CUSTOMER, SHORT_CODE = "38349123456", "50005"
UCS2, UDHI = 8, 0x40
# Whoever waits longer than this waits in vain.
PATIENCE = 45
LONG = "5\n\n" + "Me respekt, klienti juaj i vjeter nga Peja. " * 5


def tell(event, **fields):
    print(json.dumps({"event": event, **fields}), flush=True)


def parts(text, size):
    """The text in parts of so many characters, each behind a UDH of its own."""
    pieces = [text[at : at + size] for at in range(0, len(text), size)]
    head = lambda number: bytes([5, 0, 3, 77, len(pieces), number])
    return [head(number) + piece.encode("ascii") for number, piece in enumerate(pieces, 1)]


def submissions(scenario):
    """What the bank submits: short_message and further fields of each."""
    return {
        "transceiver": [(b"10", {})],
        "pair": [(b"10", {})],
        "ucs2": [("10 евра".encode("utf-16-be"), {"data_coding": UCS2})],
        "long": [(part, {"esm_class": UDHI}) for part in parts(LONG, 150)],
        "by turns": [(part, {"esm_class": UDHI}) for part in parts(LONG, 150)],
        "sar": [
            (part[6:], {"sar_msg_ref_num": 7, "sar_total_segments": 2, "sar_segment_seqnum": number})
            for number, part in enumerate(parts(LONG, 150), 1)
        ],
        "payload": [(b"", {"message_payload": LONG.encode("ascii")})],
        "receipt": [(b"10", {"registered_delivery": 1})],
        # A type of number that there is not, and then a text that is in order.
        "odd": [(b"10", {"source_addr_ton": 99}), (b"10", {})],
    }[scenario]


class Session:
    """A bound session whose PDUs are taken one by one; deliveries are answered whenever they come."""

    def __init__(self, port, system_id, password, kind):
        self.esme = client.Client("127.0.0.1", int(port), timeout=PATIENCE, allow_unknown_opt_params=False)
        self.delivered = 0
        self.esme.set_message_received_handler(self.received)
        self.esme.connect()
        getattr(self.esme, f"bind_{kind}")(system_id=system_id, password=password, interface_version=0x34)
        tell("bound", type=kind)

    def received(self, pdu):
        fields = {"from": pdu.source_addr.decode(), "to": pdu.destination_addr.decode()}
        tell("deliver_sm", text=pdu.short_message.decode("ascii"), esm_class=pdu.esm_class, **fields)
        self.delivered += 1
        return consts.SMPP_ESME_ROK

    def next(self):
        """What comes next, and is not answered by the library."""
        pdu = self.esme.read_pdu()
        if pdu.command == "deliver_sm":
            self.esme._message_received(pdu)
        elif pdu.command == "enquire_link":
            self.esme._enquire_link_received(pdu)
        return pdu

    def answer(self, command):
        while True:
            pdu = self.next()
            if pdu.command == command:
                return pdu

    def submit(self, message, fields):
        # Not send_message: its defaults are not everybody's.
        fields = {"source_addr_ton": 1, "source_addr_npi": 1, **fields}
        addresses = {"source_addr": CUSTOMER, "destination_addr": SHORT_CODE}
        pdu = smpp.make_pdu("submit_sm", client=self.esme, short_message=message, **addresses, **fields)
        self.esme.send_pdu(pdu)

    def leave(self):
        self.esme.send_pdu(smpp.make_pdu("enquire_link", client=self.esme))
        tell("enquire_link_resp", status=self.answer("enquire_link_resp").status)
        self.esme.send_pdu(smpp.make_pdu("unbind", client=self.esme))
        self.answer("unbind_resp")
        tell("unbound")
        self.esme.disconnect()


def esme(port, system_id, password, scenario):
    try:
        submitting = Session(port, system_id, password, "transmitter" if scenario == "pair" else "transceiver")
    except exceptions.PDUError as error:
        tell("bind_refused", status=error.args[1])
        return
    receiving = Session(port, system_id, password, "receiver") if scenario == "pair" else submitting
    messages = submissions(scenario)
    window = 1 if scenario == "by turns" else len(messages)
    for at in range(0, len(messages), window):
        for message, fields in messages[at : at + window]:
            submitting.submit(message, fields)
        for _ in messages[at : at + window]:
            answer = submitting.answer("submit_sm_resp")
            tell("submit_sm_resp", status=answer.status, message_id=(answer.message_id or b"").decode())
    while receiving.delivered < (2 if scenario == "receipt" else 1):
        receiving.next()
    for session in {id(one): one for one in (submitting, receiving)}.values():
        session.leave()


{"esme": esme}[sys.argv[1]](*sys.argv[2:])
