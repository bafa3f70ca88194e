# SPDX-License-Identifier: Apache-2.0
"""Every method of The Things Network's Python SDK against a running bridge, each as its manual shows it.

    TTN_BROKER=mqtt://127.0.0.1:1883 python3 manual.py my-app-id my-access-key
"""

import sys
import threading

import ttn_bridge as ttn

app_id = sys.argv[1]
access_key = sys.argv[2] if len(sys.argv) > 2 else ""

handler = ttn.HandlerClient(app_id, access_key)

# --- ApplicationClient

app_client = handler.application()

my_app = app_client.get()
print("application", my_app.app_id, my_app.payload_format)

app_client.set_payload_format("custom")

decoder_fn = """function Decoder(payload) {
   return { led: 1 };
}"""
encoder_fn = """function Encoder(object) {
   return [object.led_state === "on" ? 1 : 0, object.counter];
}"""
app_client.set_custom_payload_functions(decoder=decoder_fn)
app_client.set_custom_payload_functions(encoder=encoder_fn)
my_app = app_client.get()
print("functions", my_app.decoder == decoder_fn, my_app.encoder == encoder_fn, my_app.validator == "")

device = {
    "description": "one of the manual's",
    "latitude": 52.5,
    "longitude": 13.4,
    "altitude": 34,
    "attributes": {"room": "kitchen"},
    "lorawan_device": {
        "app_eui": "70B3D57ED0F00001",
        "dev_eui": "70B3D57ED00000AA",
        "app_key": "00112233445566778899AABBCCDDEEFF",
        "disable_f_cnt_check": False,
        "uses32_bit_f_cnt": True,
    },
}
app_client.register_device("my-device-id", device)

# The SDK's own names, flat, as its programs have them.
app_client.register_device(
    "my-other-id",
    {
        "appEui": "70B3D57ED0F00001",
        "devEui": bytes.fromhex("70B3D57ED00000AB"),
        "devAddr": "26010ABC",
        "nwkSKey": "00112233445566778899AABBCCDDEE01",
        "appSKey": "00112233445566778899AABBCCDDEE02",
    },
)

my_device = app_client.device("my-device-id")
print("device", my_device.app_id, my_device.dev_id, my_device.description, my_device.latitude, my_device.attributes)
print("radio", my_device.lorawan_device["dev_eui"], my_device.lorawan_device["app_key"])

app_client.update_device("my-device-id", {"description": "changed", "altitude": 35})
my_device = app_client.device("my-device-id")
print("updated", my_device.description, my_device.latitude, my_device.altitude)

print("devices", " ".join(device.dev_id for device in app_client.devices()))

# --- MQTTClient

uplink_came = threading.Event()
downlink_left = threading.Event()


def uplink_callback(msg, client):
    print("uplink", msg.app_id, msg.dev_id, msg.port, msg.payload_raw, msg.payload_fields.led, client is mqtt_client)
    uplink_came.set()


def connect_callback(res, client):
    print("connect", res, client is mqtt_client)


def downlink_callback(mid, client):
    print("downlink", isinstance(mid, int), client is mqtt_client)
    downlink_left.set()


def close_callback(res, client):
    print("close", res, client is mqtt_client)


mqtt_client = handler.data()
mqtt_client.set_uplink_callback(uplink_callback)
mqtt_client.set_connect_callback(connect_callback)
mqtt_client.set_downlink_callback(downlink_callback)
mqtt_client.set_close_callback(close_callback)
mqtt_client.connect()

# Something to hear without a radio at hand.
app_client.request("simulate_uplink", dev_id="my-device-id", payload_raw="AQ==", port=1)
assert uplink_came.wait(20), "no uplink"

mqtt_client.send("my-device-id", "01020304", port=1, confirmation=False, schedule="replace")
mqtt_client.send("my-device-id", "AQ==", schedule="last")
mqtt_client.send("my-device-id", {"led_state": "on", "counter": 1}, port=2, schedule="last")
assert downlink_left.wait(20), "no downlink"
mqtt_client.close()

mqtt_client.connect()
mqtt_client.close()

# --- The end

app_client.delete_device("my-other-id")
try:
    app_client.device("my-other-id")
except RuntimeError as error:
    print("gone", error.code)

app_client.unregister()
try:
    app_client.get()
except RuntimeError as error:
    print("unregistered", error.code)
app_client.close()
