# SPDX-License-Identifier: Apache-2.0
"""The clients of The Things Network's Python SDK, over MQTT alone.

A program written for that SDK needs its import changed and nothing else:

    import ttn_bridge as ttn

    handler = ttn.HandlerClient("meters", "access-key")
    client = handler.data()

Where the broker is: the environment variable TTN_BROKER, which wins over every address in the program (so that one that
names The Things Network's servers need not be edited), else the address that the program gives, else 127.0.0.1:1883. An
address is host, host:port, mqtt://host:port or mqtts://host:port. A further access key logs in with an app_id of
"application/key-name".

Needs paho-mqtt, 1.6 or 2; works with Python 3.7 and newer.
"""

import base64
import json
import keyword
import os
import random
import ssl
import string
import threading
import time
from collections import namedtuple

import paho.mqtt.client as mqtt
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

__all__ = ["MQTTClient", "ApplicationClient", "HandlerClient", "TTNError", "Record"]

DISCOVERY = "discovery.thethings.network:1900"
DEFAULT_BROKER = "127.0.0.1:1883"


class TTNError(RuntimeError):
    """What the bridge or the broker said no to.

    code is one of the bridge's (invalid_argument, not_found, already_exists, failed_precondition, permission_denied,
    resource_exhausted, unavailable, unimplemented, internal) or timed_out or not_permitted; field names the member that
    is wrong, or is None.
    """

    def __init__(self, code, message, field=None):
        super().__init__("%s (%s%s)" % (message, code, ", field %s" % field if field else ""))
        self.code = code
        self.message = message
        self.field = field


class Record(dict):
    """A dictionary whose members are attributes, too."""

    def __getattr__(self, name):
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None


# --- Connections ---------------------------------------------------------------------------------------------------


def _random_name(prefix):
    return prefix + "".join(random.choice(string.ascii_lowercase + string.digits) for _ in range(16))


def _broker(address, discovery_address):
    """Host, port and whether to encrypt."""
    text = os.environ.get("TTN_BROKER") or address
    if not text and discovery_address != DISCOVERY:
        text = discovery_address
    text = text or DEFAULT_BROKER
    scheme, separator, rest = text.partition("://")
    if not separator:
        scheme, rest = "mqtt", text
    if scheme not in ("mqtt", "mqtts"):
        raise ValueError("the address %r has the scheme %r; mqtt:// and mqtts:// are known" % (text, scheme))
    rest = rest.rstrip("/")
    if rest.startswith("["):
        host, _, port = rest[1:].partition("]")
        port = port.lstrip(":")
    else:
        host, _, port = rest.partition(":")
    if not host or (port and not port.isdigit()):
        raise ValueError("the address %r is no host:port" % text)
    return host, int(port or (8883 if scheme == "mqtts" else 1883)), scheme == "mqtts"


def _new_client(protocol):
    name = _random_name("ttn-")
    if hasattr(mqtt, "CallbackAPIVersion"):
        return mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id=name, protocol=protocol)
    return mqtt.Client(client_id=name, protocol=protocol)


def _number(reason):
    """The number of a reason code, in whichever form paho gives it."""
    return getattr(reason, "value", reason)


class _Connection:
    """One connection to the broker, on a thread of its own, and the end of its last attempt."""

    def __init__(self, app_id, access_key, broker, certificate, protocol):
        self.host, self.port, encrypts = broker
        self.client = _new_client(protocol)
        self.protocol = protocol
        self.user = app_id
        if access_key:
            self.client.username_pw_set(app_id, access_key)
        if encrypts or certificate:
            self.client.tls_set_context(ssl.create_default_context(cadata=certificate or None))
        self.changed = threading.Condition()
        self.code = None
        self.granted = {}
        self.published = {}
        self.client.on_connect = self._connected
        self.client.on_subscribe = self._subscribed

    def open(self, timeout):
        """Connects, or raises why not."""
        arguments = {"clean_start": True} if self.protocol == mqtt.MQTTv5 else {}
        self.client.connect(self.host, self.port, keepalive=60, **arguments)
        self.client.loop_start()
        code = self.wait(lambda: self.code, timeout)
        if code is None:
            raise TTNError("timed_out", "the broker %s:%d does not answer" % (self.host, self.port))
        return code

    def close(self):
        self.client.disconnect()
        self.client.loop_stop()

    def subscribe(self, topic, timeout):
        """Subscribes, or raises what the broker says."""
        _, mid = self.client.subscribe(topic, 1)
        code = self.wait(lambda: self.granted.get(mid), timeout)
        if code is None:
            raise TTNError("timed_out", "the broker does not answer a subscription to %r" % topic)
        if code >= 0x80:
            raise TTNError("not_permitted", "the broker refuses a subscription to %r" % topic)

    def wait(self, look, timeout):
        """What look returns, once that is not None; None when the time is over."""
        with self.changed:
            self.changed.wait_for(lambda: look() is not None, timeout)
            return look()

    def refusal(self):
        return TTNError(
            "permission_denied",
            "the broker refuses the connection of %r (code %d); check the id and its access key" % (self.user, self.code),
        )

    # Callbacks differ in their last arguments between the versions of paho and of the protocol.

    def _connected(self, client, userdata, flags, reason, *rest):
        with self.changed:
            self.code = _number(reason)
            self.changed.notify_all()

    def _subscribed(self, client, userdata, mid, reasons, *rest):
        with self.changed:
            self.granted[mid] = max(_number(reason) for reason in reasons)
            self.changed.notify_all()


# --- Traffic -------------------------------------------------------------------------------------------------------


def _message(pairs):
    """A JSON object as a named tuple. A name that Python cannot write as an attribute is mended: a-b is a_b, 1st is x_1st."""
    names = []
    for name, _ in pairs:
        name = "".join(character if character.isalnum() or character == "_" else "_" for character in name)
        if not name.isidentifier() or keyword.iskeyword(name) or name.startswith("_"):
            name = "x_" + name.lstrip("_")
        while name in names:
            name += "_"
        names.append(name)
    return namedtuple("MSG", names)(*(value for _, value in pairs))


class MQTTClient:
    """Hears an application's uplinks and sends downlinks."""

    def __init__(self, app_id, access_key, mqtt_address="", discovery_address=DISCOVERY, reconnect=True, cert_content=""):
        self.app_id = app_id.split("/")[0]
        self.timeout = 10.0
        self._user = app_id
        self._access_key = access_key
        self._broker = _broker(mqtt_address, discovery_address)
        self._certificate = cert_content
        self._reconnects = reconnect
        self._connection = None
        self._closing = False
        self._uplink_callback = None
        self._uplink_raw_callback = None
        self._connect_callback = None
        self._downlink_callback = None
        self._close_callback = None

    def set_uplink_callback(self, callback):
        """callback(msg, client) for every uplink."""
        self._uplink_callback = callback

    def set_uplink_raw_callback(self, callback):
        """callback(message, client) with paho's message."""
        self._uplink_raw_callback = callback

    def set_connect_callback(self, callback):
        """callback(res, client): whether an attempt to connect succeeded."""
        self._connect_callback = callback

    def set_downlink_callback(self, callback):
        """callback(mid, client) when a downlink has left."""
        self._downlink_callback = callback

    def set_close_callback(self, callback):
        """callback(res, client): whether the end of the connection was wanted."""
        self._close_callback = callback

    def connect(self):
        """Connects and goes on in the background. Raises when the broker refuses and no connect callback is set."""
        if self._connection is not None:
            self.close()
        connection = _Connection(self._user, self._access_key, self._broker, self._certificate, mqtt.MQTTv311)
        client = connection.client
        heard = threading.Event()

        def connected(paho, userdata, flags, reason, *rest):
            accepted = _number(reason) == 0
            if accepted:
                # Made again after every reconnect: the session is a clean one.
                paho.subscribe("%s/devices/+/up" % self.app_id, 1)
            else:
                heard.set()
            connection._connected(paho, userdata, flags, reason)
            if self._connect_callback:
                self._connect_callback(accepted, self)

        def subscribed(paho, userdata, mid, reasons, *rest):
            connection._subscribed(paho, userdata, mid, reasons)
            heard.set()

        client.on_connect = connected
        client.on_subscribe = subscribed
        client.on_message = self._uplink
        client.on_publish = self._published
        client.on_disconnect = self._disconnected
        self._closing = False
        self._connection = connection
        code = connection.open(self.timeout)
        if code != 0:
            self._closing = True
            client.on_disconnect = None
            connection.close()
            self._connection = None
            if not self._connect_callback:
                raise connection.refusal()
            return
        heard.wait(self.timeout)

    def close(self):
        """Disconnects."""
        connection, self._connection = self._connection, None
        if connection is not None:
            self._closing = True
            connection.close()

    def send(self, dev_id, payload=None, port=1, confirmation=False, schedule="replace", pay=None, conf=None, sched=None):
        """Sends a downlink: payload is hexadecimal or base64 text, bytes, or a dictionary for the encoder.

        pay, conf and sched are other names of payload, confirmation and schedule.
        """
        if self._connection is None:
            raise RuntimeError("the client is not connected")
        payload = pay if payload is None else payload
        body = {
            "port": port,
            "confirmed": bool(confirmation if conf is None else conf),
            "schedule": schedule if sched is None else sched,
        }
        if isinstance(payload, str):
            body["payload_raw"] = payload
        elif isinstance(payload, (bytes, bytearray)):
            body["payload_raw"] = base64.b64encode(payload).decode()
        else:
            body["payload_fields"] = payload
        sent = self._connection.client.publish("%s/devices/%s/down" % (self.app_id, dev_id), json.dumps(body), 1)
        if sent.rc != mqtt.MQTT_ERR_SUCCESS:
            raise RuntimeError("the downlink was not sent: %s" % mqtt.error_string(sent.rc))
        return sent.mid

    def _uplink(self, paho, userdata, message):
        if self._uplink_raw_callback:
            self._uplink_raw_callback(message, self)
        if self._uplink_callback:
            self._uplink_callback(json.loads(message.payload.decode(), object_pairs_hook=_message), self)

    def _published(self, paho, userdata, mid, *rest):
        if self._downlink_callback:
            self._downlink_callback(mid, self)

    def _disconnected(self, paho, *rest):
        expected = self._closing
        if not expected and not self._reconnects:
            # From within paho's thread: it ends after this call.
            paho.disconnect()
        if self._close_callback:
            self._close_callback(expected, self)


# --- Management ----------------------------------------------------------------------------------------------------


def _plain(value):
    """Octets as hexadecimal text, for devices that are described with bytes."""
    if isinstance(value, (bytes, bytearray)):
        return value.hex()
    if isinstance(value, dict):
        return {name: _plain(member) for name, member in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(member) for member in value]
    return value


class ApplicationClient:
    """Manages an application and its devices. The first method connects; close() ends the connection."""

    #: mqtt.MQTTv5, or mqtt.MQTTv311 for a broker that speaks nothing newer.
    protocol = mqtt.MQTTv5

    def __init__(self, app_id, access_key, net_address="", cert_content="", discovery_address=DISCOVERY):
        self.app_id = app_id.split("/")[0]
        #: Seconds that a request may take.
        self.timeout = 10.0
        self._user = app_id
        self._access_key = access_key
        self._broker = _broker(net_address, discovery_address)
        self._certificate = cert_content
        self._connection = None
        self._lock = threading.Lock()
        self._name = _random_name("c-")
        self._answers = {}
        self._last = 0
        self._shows_keys = True

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.close()

    def close(self):
        """Ends the connection; the next method makes a new one."""
        with self._lock:
            connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def get(self):
        """The application."""
        return self.request("get")

    def set_payload_format(self, payload_format):
        """Sets how payloads become fields: custom, cayennelpp or none."""
        self.request("set_payload_format", payload_format=payload_format)

    def set_custom_payload_functions(self, encoder="", decoder="", validator="", converter=""):
        """Sets payload functions; those left empty stay."""
        functions = {"encoder": encoder, "decoder": decoder, "validator": validator, "converter": converter}
        self.request("set_custom_payload_functions", **{name: text for name, text in functions.items() if text})

    def unregister(self):
        """Removes the application with all its devices."""
        self.request("unregister")

    def register_device(self, dev_id, device):
        """Registers a device."""
        self.request("register_device", dev_id=dev_id, device=_plain(device))

    def device(self, dev_id):
        """A device, with its keys if the access key may see them."""
        return self._with_keys("device", dev_id=dev_id)

    def devices(self):
        """All devices in the order of their ids, with their keys if the access key may see them."""
        devices = []
        page = self._with_keys("devices")
        while True:
            devices += page["devices"]
            if "next" not in page:
                return devices
            page = self._with_keys("devices", after=page["next"])

    def update_device(self, dev_id, updates):
        """Changes the members named in updates."""
        self.request("update_device", dev_id=dev_id, device=_plain(updates))

    def delete_device(self, dev_id):
        """Deletes a device."""
        self.request("delete_device", dev_id=dev_id)

    def request(self, method, scope="", **members):
        """Asks for any method of the bridge; scope "keys" where answers show keys. Raises TTNError."""
        timeout = self.timeout
        if scope == "keys" and self._shows_keys is True:
            # paho 1 does not tell that a request was refused.
            timeout = min(timeout, 3.0)
        deadline = time.monotonic() + timeout
        level = "%s/" % scope if scope else ""
        connection = self._connected(level)
        with self._lock:
            self._last += 1
            request_id = "%s.%d" % (self._name, self._last)
        properties = None
        if connection.protocol == mqtt.MQTTv5:
            properties = Properties(PacketTypes.PUBLISH)
            properties.ResponseTopic = "%s/response/%s%s" % (self.app_id, level, self._name)
            properties.CorrelationData = request_id.encode()
            properties.MessageExpiryInterval = int(timeout) + 1
        body = json.dumps(dict(members, request_id=request_id))
        topic = "%s/request/%s%s" % (self.app_id, level, method)
        arguments = {} if properties is None else {"properties": properties}
        # Without our lock: paho holds its own when it calls back.
        sent = connection.client.publish(topic, body, 1, **arguments)
        refused = lambda: connection.published.get(sent.mid, 0) >= 0x80
        connection.wait(
            lambda: True if request_id in self._answers or refused() else None,
            max(0.0, deadline - time.monotonic()),
        )
        answer = self._answers.pop(request_id, None)
        if answer is None:
            if refused():
                raise TTNError("not_permitted", "the broker refuses %r" % topic)
            raise TTNError("timed_out", "no answer to %r; is the bridge running, and may this key use it?" % topic)
        if answer.get("ok") is True:
            return answer.get("result")
        error = answer.get("error") or {}
        raise TTNError(error.get("code", "internal"), error.get("message", "no reason given"), error.get("field"))

    def _with_keys(self, method, **members):
        if self._shows_keys is not False:
            try:
                answer = self.request(method, "keys", **members)
                self._shows_keys = "yes"
                return answer
            except TTNError as error:
                if self._shows_keys == "yes" or error.code not in ("not_permitted", "timed_out"):
                    raise
                self._shows_keys = False
        return self.request(method, **members)

    def _connected(self, level):
        with self._lock:
            if self._connection is None:
                connection = _Connection(
                    self._user, self._access_key, self._broker, self._certificate, self.protocol
                )
                connection.filters = set()
                client = connection.client
                client.on_message = lambda paho, userdata, message: self._answered(connection, message)
                client.on_publish = lambda paho, userdata, mid, *rest: self._taken(connection, mid, *rest)
                first = connection._connected

                def connected(paho, userdata, flags, reason, *rest):
                    for topic in list(connection.filters):
                        paho.subscribe(topic, 1)
                    first(paho, userdata, flags, reason)

                client.on_connect = connected
                code = connection.open(self.timeout)
                if code != 0:
                    connection.close()
                    raise connection.refusal()
                self._connection = connection
            connection = self._connection
            name = self._name if connection.protocol == mqtt.MQTTv5 else "+"
            topic = "%s/response/%s%s" % (self.app_id, level, name)
            if topic not in connection.filters:
                connection.subscribe(topic, self.timeout)
                connection.filters.add(topic)
            return connection

    def _answered(self, connection, message):
        try:
            answer = json.loads(message.payload.decode(), object_hook=Record)
        except ValueError:
            return
        request_id = answer.get("request_id") if isinstance(answer, dict) else None
        # On 3.1.1 the answers to others come here, too.
        if isinstance(request_id, str) and request_id.startswith(self._name + "."):
            with connection.changed:
                self._answers[request_id] = answer
                connection.changed.notify_all()

    def _taken(self, connection, mid, reason=0, *rest):
        with connection.changed:
            connection.published[mid] = _number(reason)
            # Long before a message id is used again.
            while len(connection.published) > 1000:
                connection.published.pop(next(iter(connection.published)))
            connection.changed.notify_all()


# --- Both ----------------------------------------------------------------------------------------------------------


class HandlerClient:
    """Makes the two clients of an application."""

    def __init__(self, app_id, access_key, discovery_address=DISCOVERY, cert_path=""):
        self._app_id = app_id
        self._access_key = access_key
        self._address = discovery_address
        self._certificate = ""
        if cert_path:
            with open(cert_path, encoding="ascii") as file:
                self._certificate = file.read()

    def data(self):
        """A client of the application's traffic."""
        return MQTTClient(
            self._app_id, self._access_key, discovery_address=self._address, cert_content=self._certificate
        )

    def application(self):
        """A client that manages the application."""
        return ApplicationClient(
            self._app_id, self._access_key, cert_content=self._certificate, discovery_address=self._address
        )
