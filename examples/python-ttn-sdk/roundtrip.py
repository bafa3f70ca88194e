#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Hears a device through The Things Network's own package and answers it in each form that the package knows.

Nothing here knows of the bridge: the address of the broker is all that differs from a program for The Things Network.
"""

import argparse
import json
import queue
import sys

import ttn


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--broker", default="127.0.0.1:1883", help="host:port of the MQTT broker")
    parser.add_argument("--application", default="demo", help="id of the application, and user name at the broker")
    parser.add_argument("--key", default="any", help="access key of the application: the password at the broker")
    parser.add_argument("--device", default="otaa-3", help="the device that is answered")
    parser.add_argument("--fields", default='{"value_1": 1.5}', help="fields of the downlink that is encoded")
    parser.add_argument("--uplinks", type=int, default=2, help="ends after so many uplinks of that device")
    parser.add_argument("--timeout", type=float, default=120, help="seconds to wait for each of them")
    return parser.parse_args()


def say(event, **members):
    print(json.dumps(dict(event=event, **members)), flush=True)


def describe(message):
    """All that the manual of the package names, and what else a message of The Things Network holds."""
    metadata = message.metadata
    return {
        "app_id": message.app_id,
        "dev_id": message.dev_id,
        "hardware_serial": message.hardware_serial,
        "port": message.port,
        "counter": message.counter,
        "payload_raw": message.payload_raw,
        "payload_fields": message.payload_fields._asdict() if hasattr(message, "payload_fields") else None,
        "attributes": message.attributes._asdict() if hasattr(message, "attributes") else None,
        "time": metadata.time,
        "frequency": metadata.frequency,
        "modulation": metadata.modulation,
        "data_rate": metadata.data_rate,
        "airtime": metadata.airtime,
        "coding_rate": metadata.coding_rate,
        "gateways": [
            {
                "gtw_id": gateway.gtw_id,
                "time": gateway.time,
                "channel": gateway.channel,
                "rssi": gateway.rssi,
                "snr": gateway.snr,
                "rf_chain": gateway.rf_chain,
            }
            for gateway in metadata.gateways
        ],
    }


def main():
    options = arguments()
    uplinks = queue.Queue()
    client = ttn.MQTTClient(options.application, options.key, mqtt_address=options.broker)
    client.set_connect_callback(lambda result, client: say("connected", result=result))
    client.set_close_callback(lambda result, client: say("closed", result=result))
    client.set_downlink_callback(lambda mid, client: say("published", mid=mid))
    client.set_uplink_callback(lambda message, client: uplinks.put(message))
    client.connect()

    answers = [
        ("fields", json.loads(options.fields)),
        ("base64", "AQ=="),
        # Ten digits: no base64, so it is taken for hexadecimal. Eight would be base64, as at The Things Network.
        ("hexadecimal", "0A1B2C3D4E"),
    ]
    seen = 0
    while seen < options.uplinks:
        try:
            message = uplinks.get(timeout=options.timeout)
        except queue.Empty:
            sys.exit("no uplink of %s within %g s" % (options.device, options.timeout))
        say("uplink", **describe(message))
        if message.dev_id != options.device:
            continue
        seen += 1
        if seen == 1:
            for number, (form, payload) in enumerate(answers):
                client.send(options.device, payload, port=10 + number, conf=False, sched="last")
                say("sent", form=form, port=10 + number)
    client.close()


if __name__ == "__main__":
    main()
