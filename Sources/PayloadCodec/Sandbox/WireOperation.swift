// SPDX-License-Identifier: Apache-2.0

/// What a frame asks of a worker.
enum WireOperation: UInt8 {
    /// Slot, single flag, four texts (presence octet each): keep a formatter.
    case load = 1
    /// Slot: forget a formatter.
    case drop
    /// Slot, flags, port, time, octets.
    case decode
    /// Slot, flags, port, JSON text.
    case encode
    /// Slot, function, JSON text of its input.
    case call
    /// Slot: which functions there are.
    case list
    /// Give memory back.
    case release

    /// Whether it is one call of a formatter, with an answer.
    var isCall: Bool { rawValue >= WireOperation.decode.rawValue && self != .release }
}

/// One call of a formatter in a frame; its octets borrow the frame.
enum WireCall {
    case decode(flags: UInt8, port: UInt8, time: Int64, bytes: UnsafeRawBufferPointer)
    case encode(flags: UInt8, port: UInt8, json: UnsafeRawBufferPointer)
    case call(ScriptFunction, json: UnsafeRawBufferPointer)
    case list

    /// Reads it behind its operation and slot; nil when it is malformed.
    init?(_ operation: WireOperation, _ frame: inout WireReader) {
        switch operation {
        case .decode:
            guard let flags = frame.next8(), let port = frame.next8(), let time = frame.next64(),
                let bytes = frame.nextBytes(), bytes.count <= SharedPage.inputCapacity
            else { return nil }
            self = .decode(flags: flags, port: port, time: time, bytes: bytes)
        case .encode:
            guard let flags = frame.next8(), let port = frame.next8(), let json = frame.nextBytes() else { return nil }
            self = .encode(flags: flags, port: port, json: json)
        case .call:
            guard let digit = frame.next8(), let function = ScriptFunction(rawValue: digit),
                let json = frame.nextBytes()
            else { return nil }
            self = .call(function, json: json)
        case .list: self = .list
        case .load, .drop, .release: return nil
        }
    }
}
