"""pyiso8583 as the other side: reads a spec of ours, then a line of JSON for each message, and answers each with a line.

{"decode": "HEX"} is answered {"mti": "0200", "fields": {"4": "000000000500"}} or {"error": "..."};
{"mti": "0200", "fields": {...}} is answered {"hex": "..."} or {"error": "..."}.
"""

import json
import sys
import tomllib

import iso8583


def element(kind, encoding, length, digits=0, length_encoding="ascii"):
    """One element of pyiso8583's spec."""
    octets = kind == "b"
    spec = {
        "data_enc": "b" if encoding in ("bcd", "binary") else "ascii",
        "len_enc": "bcd" if length_encoding == "bcd" else "ascii",
        # Of packed lengths it counts octets, of others digits.
        "len_type": (digits + 1) // 2 if length_encoding == "bcd" else digits,
        "max_len": length * 2 if octets and encoding == "hex" else length,
        "desc": "",
    }
    if encoding == "bcd":
        spec["len_count"] = "nibbles"
        spec["left_pad"] = "0"
    return spec


def spec_of(path):
    """A spec of ours as pyiso8583's."""
    with open(path, "rb") as file:
        ours = tomllib.load(file)
    bitmap = element("b", ours["bitmap"], 8)
    spec = {"h": element("n", "ascii", 0), "p": bitmap, "1": bitmap}
    spec["t"] = element("n", ours["mti"], 4)
    for number, field in ours["fields"].items():
        digits = field.get("length_digits", 0)
        encoding = field.get("encoding", "ascii")
        spec[number] = element(field["kind"], encoding, field["length"], digits, field.get("length_encoding", "ascii"))
    # Ours is never asked for what is not in its spec; theirs wants all of them.
    for number in range(2, 129):
        spec.setdefault(str(number), element("ans", "ascii", 1))
    return spec


def answer(asked, spec):
    """What becomes of one line."""
    try:
        if "decode" in asked:
            fields, _ = iso8583.decode(bytes.fromhex(asked["decode"]), spec)
            return {"mti": fields["t"], "fields": {key: text for key, text in fields.items() if key not in ("h", "t", "p", "1")}}
        fields = {"h": "", "t": asked["mti"], **asked["fields"]}
        octets, _ = iso8583.encode(fields, spec)
        return {"hex": octets.hex()}
    except (iso8583.DecodeError, iso8583.EncodeError, ValueError) as error:
        return {"error": str(error)}


def main():
    spec = spec_of(sys.argv[1])
    for line in sys.stdin:
        print(json.dumps(answer(json.loads(line), spec)), flush=True)


main()
