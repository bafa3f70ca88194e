// SPDX-License-Identifier: Apache-2.0
// Port 5: one octet, bit 0 open, bit 1 blocked. Written for The Things Network v2.

function Decoder(bytes, port) {
  return { open: (bytes[0] & 1) === 1, blocked: (bytes[0] & 2) === 2 };
}

function Validator(converted, port) {
  return port === 5;
}

function Encoder(object, port) {
  return [object.open ? 1 : 0];
}
