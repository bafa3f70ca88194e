// SPDX-License-Identifier: Apache-2.0
internal import JSON

/// Octets of a frame being written; numbers are little endian.
struct WireBuffer {
    private(set) var octets: [UInt8] = []

    /// Begins a frame: four octets are kept for its length.
    mutating func begin() {
        octets.removeAll(keepingCapacity: true)
        append32(0)
    }

    /// Fills in the length of the frame.
    mutating func end() { set32(UInt32(octets.count - 4), at: 0) }

    mutating func append8(_ value: UInt8) { octets.append(value) }

    mutating func append32(_ value: UInt32) {
        withUnsafeBytes(of: value.littleEndian) { octets.append(contentsOf: $0) }
    }

    mutating func append64(_ value: Int64) {
        withUnsafeBytes(of: value.littleEndian) { octets.append(contentsOf: $0) }
    }

    mutating func append(_ bytes: [UInt8]) {
        append32(UInt32(bytes.count))
        octets.append(contentsOf: bytes)
    }

    mutating func append(_ text: String) {
        var text = text
        append32(UInt32(text.utf8.count))
        text.withUTF8 { octets.append(contentsOf: $0) }
    }

    mutating func append(contentsOf text: some Sequence<UInt8>) { octets.append(contentsOf: text) }

    mutating func set32(_ value: UInt32, at offset: Int) {
        octets.withUnsafeMutableBytes { $0.storeBytes(of: value.littleEndian, toByteOffset: offset, as: UInt32.self) }
    }
}

extension WireBuffer {
    /// Drops what was written after `count` octets.
    mutating func truncate(to count: Int) { octets.removeLast(octets.count - count) }

    /// Appends a failure section as the harness writes them.
    mutating func appendProblem(
        tag: UInt8,
        code: Character,
        function: ScriptFunction,
        line: Int,
        column: Int,
        text: String,
    ) {
        var json = JSONWriter()
        json.string(text)
        append8(1)
        append8(tag)
        append(contentsOf: "\(code)\(function.rawValue)\(line),\(column),".utf8)
        append(contentsOf: json.bytes)
    }

    /// Appends the answer to a call behind its count of octets and the microseconds it took.
    mutating func appendAnswer(microseconds: Int64, _ body: (inout WireBuffer) -> Void) {
        let start = octets.count
        append32(0)
        append32(UInt32(clamping: microseconds))
        body(&self)
        set32(UInt32(octets.count - start - 8), at: start)
    }

    /// Whether a failure section is about writing to what the shared realm keeps immutable.
    static func mentionsReadonly(_ octets: UnsafeRawBufferPointer) -> Bool {
        guard octets.count > 2, octets[0] == 1 else { return false }
        switch octets[1] {
        case UInt8(ascii: "E"), UInt8(ascii: "e"): break
        default: return false
        }
        let text = String(decoding: octets, as: UTF8.self)
        return text.contains("TypeError: Att") || text.contains("readonly property") || text.contains("not extensible")
            || text.contains("unconfigurable")
    }
}
