// SPDX-License-Identifier: Apache-2.0

/// The part of the harness that offers `Buffer` as ChirpStack's codecs expect it: octets with readers, writers and text forms.
enum HarnessBuffer {
    static let source = #"""

        function makeBuffer() {
            const HEX = '0123456789abcdef';
            const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

            function utf8(text) {
                const octets = [];
                for (let index = 0; index < text.length; index++) {
                    const code = text.codePointAt(index);
                    if (code > 0xFFFF) index++;
                    if (code < 0x80) octets.push(code);
                    else if (code < 0x800) octets.push(0xC0 | code >> 6, 0x80 | code & 63);
                    else if (code < 0x10000) {
                        const known = code >= 0xD800 && code < 0xE000 ? 0xFFFD : code;
                        octets.push(0xE0 | known >> 12, 0x80 | known >> 6 & 63, 0x80 | known & 63);
                    } else octets.push(0xF0 | code >> 18, 0x80 | code >> 12 & 63, 0x80 | code >> 6 & 63, 0x80 | code & 63);
                }
                return octets;
            }

            function fromUTF8(octets) {
                let text = '';
                for (let index = 0; index < octets.length;) {
                    const first = octets[index++];
                    let rest = first < 0x80 ? 0 : first >= 0xF0 && first < 0xF5 ? 3 : first >= 0xE0 ? 2 : first >= 0xC2 ? 1 : -1;
                    if (first >= 0xF5) rest = -1;
                    let code = rest === 0 ? first : first & (0x3F >> rest);
                    let position = index;
                    while (rest > 0 && position < octets.length && (octets[position] & 0xC0) === 0x80) {
                        code = code << 6 | octets[position++] & 63;
                        rest--;
                    }
                    const isWhole = rest === 0 && code <= 0x10FFFF && !(code >= 0xD800 && code < 0xE000);
                    text += isWhole ? String.fromCodePoint(code) : '\uFFFD';
                    if (isWhole) index = position;
                }
                return text;
            }

            function fromBase64(text) {
                const octets = [];
                let word = 0, bits = 0;
                for (let index = 0; index < text.length; index++) {
                    const letter = text[index] === '-' ? '+' : text[index] === '_' ? '/' : text[index];
                    const sextet = BASE64.indexOf(letter);
                    if (sextet < 0) continue;
                    word = (word << 6 | sextet) & 0xFFFFFF;
                    bits += 6;
                    if (bits >= 8) { bits -= 8; octets.push(word >> bits & 255); }
                }
                return octets;
            }

            function toBase64(octets) {
                let text = '';
                for (let index = 0; index < octets.length; index += 3) {
                    const word = octets[index] << 16 | (octets[index + 1] || 0) << 8 | (octets[index + 2] || 0);
                    text += BASE64[word >> 18] + BASE64[word >> 12 & 63];
                    text += index + 1 < octets.length ? BASE64[word >> 6 & 63] : '=';
                    text += index + 2 < octets.length ? BASE64[word & 63] : '=';
                }
                return text;
            }

            function parseText(text, encoding) {
                switch (String(encoding === undefined ? 'utf8' : encoding).toLowerCase()) {
                case 'hex': {
                    const octets = [];
                    for (let index = 0; index + 1 < text.length; index += 2) {
                        const octet = HEX.indexOf(text[index].toLowerCase()) * 16 + HEX.indexOf(text[index + 1].toLowerCase());
                        if (HEX.indexOf(text[index].toLowerCase()) < 0 || HEX.indexOf(text[index + 1].toLowerCase()) < 0) break;
                        octets.push(octet);
                    }
                    return octets;
                }
                case 'base64': case 'base64url': return fromBase64(text);
                case 'ascii': case 'latin1': case 'binary': return Array.from(text, (letter) => letter.charCodeAt(0) & 255);
                case 'utf8': case 'utf-8': return utf8(text);
                default: throw new TypeError('Unknown encoding: ' + encoding);
                }
            }

            class Buffer extends Uint8Array {
                static from(source, encoding, length) {
                    if (typeof source === 'string') return new Buffer(parseText(source, encoding));
                    if (source instanceof ArrayBuffer) return new Buffer(source, encoding, length);
                    if (source !== null && typeof source === 'object' && source.type === 'Buffer' && isArray(source.data)) return new Buffer(source.data);
                    return new Buffer(source);
                }
                static alloc(size, fill, encoding) {
                    const buffer = new Buffer(size);
                    return fill === undefined ? buffer : buffer.fill(typeof fill === 'string' ? parseText(fill, encoding)[0] : fill);
                }
                static allocUnsafe(size) { return new Buffer(size); }
                static isBuffer(value) { return value instanceof Buffer; }
                static byteLength(text, encoding) { return typeof text === 'string' ? parseText(text, encoding).length : text.byteLength; }
                static concat(list) {
                    let size = 0;
                    for (const part of list) size += part.length;
                    const buffer = new Buffer(size);
                    let offset = 0;
                    for (const part of list) { buffer.set(part, offset); offset += part.length; }
                    return buffer;
                }
                toString(encoding, start, end) {
                    const part = start === undefined && end === undefined ? this : this.subarray(start, end);
                    switch (String(encoding === undefined ? 'utf8' : encoding).toLowerCase()) {
                    case 'hex': {
                        let text = '';
                        for (let index = 0; index < part.length; index++) text += HEX[part[index] >> 4] + HEX[part[index] & 15];
                        return text;
                    }
                    case 'base64': return toBase64(part);
                    case 'base64url': return toBase64(part).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
                    case 'ascii': {
                        let text = '';
                        for (let index = 0; index < part.length; index++) text += String.fromCharCode(part[index] & 127);
                        return text;
                    }
                    case 'latin1': case 'binary': {
                        let text = '';
                        for (let index = 0; index < part.length; index++) text += String.fromCharCode(part[index]);
                        return text;
                    }
                    case 'utf8': case 'utf-8': return fromUTF8(part);
                    default: throw new TypeError('Unknown encoding: ' + encoding);
                    }
                }
                toJSON() { return { type: 'Buffer', data: Array.from(this) }; }
                equals(other) {
                    if (this.length !== other.length) return false;
                    for (let index = 0; index < this.length; index++) if (this[index] !== other[index]) return false;
                    return true;
                }
                slice(start, end) { return this.subarray(start, end); }
                copy(target, targetStart = 0, start = 0, end = this.length) {
                    const part = this.subarray(start, Math.min(end, start + target.length - targetStart));
                    target.set(part, targetStart);
                    return part.length;
                }
                write(text, offset = 0, length, encoding) {
                    const octets = parseText(text, typeof length === 'string' ? length : encoding);
                    const count = Math.min(octets.length, this.length - offset, typeof length === 'number' ? length : Infinity);
                    for (let index = 0; index < count; index++) this[offset + index] = octets[index];
                    return count;
                }
            }

            function view(buffer, offset, size) {
                if (!isInteger(offset) || offset < 0 || offset + size > buffer.length) {
                    throw new RangeError('The value of "offset" is out of range. Received ' + offset);
                }
                return new DataView(buffer.buffer, buffer.byteOffset + offset, size);
            }
            function method(name, invoke) {
                defineProperty(Buffer.prototype, name, { value: invoke, writable: true, enumerable: false, configurable: true });
            }
            const forms = [['Int8', 1], ['UInt8', 1, 'Uint8'], ['Int16', 2], ['UInt16', 2, 'Uint16'], ['Int32', 4],
                ['UInt32', 4, 'Uint32'], ['Float', 4, 'Float32'], ['Double', 8, 'Float64'], ['BigInt64', 8], ['BigUInt64', 8, 'BigUint64']];
            for (const [name, size, type = name] of forms) {
                const orders = size === 1 ? [['', false]] : [['LE', true], ['BE', false]];
                for (const [order, isLittle] of orders) {
                    const read = function (offset = 0) { return view(this, offset, size)['get' + type](0, isLittle); };
                    const write = function (value, offset = 0) {
                        view(this, offset, size)['set' + type](0, value, isLittle);
                        return offset + size;
                    };
                    method('read' + name + order, read);
                    method('write' + name + order, write);
                    method('read' + name.replace('UInt', 'Uint') + order, read);
                    method('write' + name.replace('UInt', 'Uint') + order, write);
                }
            }
            function readWhole(buffer, offset, size, isLittle, isSigned) {
                view(buffer, offset, size);
                let value = 0;
                for (let index = 0; index < size; index++) value = value * 256 + buffer[offset + (isLittle ? size - 1 - index : index)];
                return isSigned && value >= 2 ** (8 * size - 1) ? value - 2 ** (8 * size) : value;
            }
            for (const [order, isLittle] of [['LE', true], ['BE', false]]) {
                for (const [name, isSigned] of [['Int', true], ['UInt', false], ['Uint', false]]) {
                    method('read' + name + order, function (offset, size) { return readWhole(this, offset, size, isLittle, isSigned); });
                    method('write' + name + order, function (value, offset, size) {
                        view(this, offset, size);
                        let rest = value < 0 ? value + 2 ** (8 * size) : value;
                        for (let index = 0; index < size; index++) {
                            this[offset + (isLittle ? index : size - 1 - index)] = rest % 256;
                            rest = Math.floor(rest / 256);
                        }
                        return offset + size;
                    });
                }
            }
            return Buffer;
        }
        """#
}
