// SPDX-License-Identifier: Apache-2.0
// Port 1: uint32 litres, then uint16 litres used in each of the hours before, newest first.

function decodeUplink(input) {
  const buffer = Buffer.from(input.bytes);
  if (buffer.length < 4 || buffer.length % 2 !== 0) {
    return { errors: ["a reading has 4 octets and 2 for each hour"] };
  }
  const data = { litres: buffer.readUInt32BE(0), hours: [] };
  const hour = Math.floor(input.recvTime.getTime() / 3600000) * 3600000;
  for (let offset = 4; offset < buffer.length; offset += 2) {
    const begin = new Date(hour - (offset / 2 - 1) * 3600000);
    data.hours.push({ from: begin.toISOString(), litres: buffer.readUInt16BE(offset) });
  }
  return { data: data };
}
