// SPDX-License-Identifier: Apache-2.0
// Port 2: int16 temperature (0.01 degC), uint8 humidity (0.5 %), uint16 battery (mV).

function decodeUplink(input) {
  if (input.fPort !== 2) {
    return { errors: ["unknown port " + input.fPort] };
  }
  if (input.bytes.length !== 5) {
    return { errors: ["expected 5 octets, got " + input.bytes.length] };
  }
  const raw = input.bytes[0] << 8 | input.bytes[1];
  const data = {
    temperature: (raw > 0x7fff ? raw - 0x10000 : raw) / 100,
    humidity: input.bytes[2] / 2,
    battery: (input.bytes[3] << 8 | input.bytes[4]) / 1000,
  };
  return { data: data, warnings: data.battery < 2.4 ? ["battery is low"] : [] };
}

function normalizeUplink(input) {
  return { data: { air: { temperature: input.data.temperature, relativeHumidity: input.data.humidity } } };
}

function encodeDownlink(input) {
  const minutes = input.data.interval;
  if (!Number.isInteger(minutes) || minutes < 1 || minutes > 1440) {
    return { errors: ["interval must be 1 to 1440 minutes"] };
  }
  return { bytes: [1, minutes >> 8, minutes & 255], fPort: 3 };
}

function decodeDownlink(input) {
  return { data: { interval: input.bytes[1] << 8 | input.bytes[2] } };
}
