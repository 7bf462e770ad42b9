"""An ESME made of smpplib: binds, receives, submits two texts, asks for life, unbinds. Prints a JSON object a line.

smpplib_esme.py PORT transceiver|transmitter|receiver SYSTEM_ID PASSWORD MESSAGES_TO_RECEIVE
"""

import json
import sys

from smpplib import client, consts, exceptions, gsm, smpp


def tell(event, **fields):
    print(json.dumps({"event": event, **fields}), flush=True)


def decoded(pdu):
    if pdu.data_coding == consts.SMPP_ENCODING_ISO10646:
        return pdu.short_message.decode("utf-16-be")
    # smpplib encodes the default alphabet but does not decode it; its table holds the extension from 0x80 on
    text, extension = "", 0
    for octet in pdu.short_message:
        if octet == 0x1B:
            extension = 0x80
        else:
            text += gsm.GSM_CHARACTER_TABLE[extension + octet]
            extension = 0
    return text


def received(pdu):
    tell(
        "deliver_sm",
        **{"from": pdu.source_addr.decode(), "to": pdu.destination_addr.decode(), "text": decoded(pdu)},
    )
    return consts.SMPP_ESME_ROK


def answer(esme, command):
    """The next PDU that answers `command`; what is delivered meanwhile is received."""
    while True:
        pdu = esme.read_pdu()
        if pdu.command == command:
            return pdu
        if pdu.command == "deliver_sm":
            esme._message_received(pdu)
        elif pdu.command == "enquire_link":
            esme._enquire_link_received(pdu)
        else:
            raise RuntimeError(f"{pdu.command} while waiting for {command}")


def submit(esme, text):
    parts, coding, esm_class = gsm.make_parts(text)
    assert len(parts) == 1 and esm_class == 0
    esme.send_message(
        source_addr_ton=consts.SMPP_TON_UNK,
        source_addr_npi=consts.SMPP_NPI_UNK,
        source_addr="50005",
        dest_addr_ton=consts.SMPP_TON_INTL,
        dest_addr_npi=consts.SMPP_NPI_ISDN,
        destination_addr="38349123456",
        short_message=parts[0],
        data_coding=coding,
    )
    response = answer(esme, "submit_sm_resp")
    tell("submit_sm_resp", status=response.status, message_id=(response.message_id or b"").decode())


def main(port, mode, system_id, password, to_receive):
    esme = client.Client("127.0.0.1", int(port), timeout=60, allow_unknown_opt_params=False)
    left = int(to_receive)

    def count(pdu):
        nonlocal left
        left -= 1
        return received(pdu)

    esme.set_message_received_handler(count)
    esme.connect()
    try:
        getattr(esme, f"bind_{mode}")(system_id=system_id, password=password, interface_version=0x34)
    except exceptions.PDUError as error:
        tell("bind_refused", status=error.args[1])
        esme.disconnect()
        return
    if mode != "receiver":
        submit(esme, "Hello @ {5 €}")
        submit(esme, "Përshëndetje")
    while left > 0:
        esme.read_once(auto_send_enquire_link=False)
    esme.send_pdu(smpp.make_pdu("enquire_link", client=esme))
    answer(esme, "enquire_link_resp")
    tell("enquire_link_resp")
    esme.send_pdu(smpp.make_pdu("unbind", client=esme))
    answer(esme, "unbind_resp")
    tell("unbound")
    esme.disconnect()


main(*sys.argv[1:])
