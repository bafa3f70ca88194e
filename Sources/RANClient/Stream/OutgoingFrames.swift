// SPDX-License-Identifier: Apache-2.0

/// Frames that wait for the socket, in the octets of the wire (RFC 6455 section 5.2): many small ones leave in one write.
/// Control frames go before data frames not yet begun.
struct OutgoingFrames {
    enum Opcode: UInt8 {
        case text = 0x1
        case close = 0x8
        case ping = 0x9
        case pong = 0xA
    }

    /// What the socket is taking. It neither moves nor grows until all of it is gone: TLS must be offered the same octets
    /// again after it was blocked.
    private var begun: [UInt8] = []
    private var offset = 0
    private var data: [UInt8] = []
    private var controls: [(opcode: Opcode, payload: [UInt8])] = []
    private var masks = MaskingKeys()

    /// Octets the socket has taken so far.
    private(set) var bytesSent = 0

    /// Whether nothing waits.
    var isEmpty: Bool { wantsData && controls.isEmpty }

    /// Whether all data frames are gone, so that new ones may be added.
    var wantsData: Bool { offset == begun.count && data.isEmpty }

    /// Adds a text frame.
    mutating func append(_ frame: [UInt8]) {
        data.append(frame: .text, payload: frame, mask: masks.next())
    }

    /// Adds a control frame. Of several pongs that wait only the latest is kept (RFC 6455 section 5.5.3).
    mutating func append(control opcode: Opcode, payload: [UInt8]) {
        if opcode == .pong { controls.removeAll { $0.opcode == .pong } }
        controls.append((opcode, payload))
    }

    /// Sends as much as the socket takes. False when it takes no more for the moment.
    mutating func flush(_ socket: borrowing WebSocket) throws(RANError) -> Bool {
        while true {
            if offset == begun.count {
                guard begin() else { return true }
            }
            let sent: Result<Int?, RANError> = begun.withUnsafeBytes { bytes in
                do throws(RANError) {
                    return .success(try socket.send(UnsafeRawBufferPointer(rebasing: bytes[offset...])))
                } catch {
                    return .failure(error)
                }
            }
            guard let count = try sent.get() else { return false }
            offset += count
            bytesSent += count
        }
    }

    /// Makes what waits the next to leave; false when nothing does.
    private mutating func begin() -> Bool {
        begun.removeAll(keepingCapacity: true)
        offset = 0
        for (opcode, payload) in controls { begun.append(frame: opcode, payload: payload, mask: masks.next()) }
        controls.removeAll(keepingCapacity: true)
        if begun.isEmpty {
            swap(&begun, &data)
        } else {
            begun += data
            data.removeAll(keepingCapacity: true)
        }
        return !begun.isEmpty
    }
}

extension [UInt8] {
    /// Adds a final, masked frame (RFC 6455 sections 5.2 and 5.3).
    fileprivate mutating func append(frame opcode: OutgoingFrames.Opcode, payload: [UInt8], mask: UInt32) {
        append(0x80 | opcode.rawValue)
        switch payload.count {
        case ..<126: append(0x80 | UInt8(payload.count))
        case ..<0x1_0000:
            append(0x80 | 126)
            append(bigEndian: UInt64(payload.count), count: 2)
        default:
            append(0x80 | 127)
            append(bigEndian: UInt64(payload.count), count: 8)
        }
        append(bigEndian: UInt64(mask), count: 4)
        let start = count
        append(contentsOf: payload)
        let key = mask.bigEndian
        withUnsafeMutableBytes { bytes in
            var at = start
            while at + 4 <= bytes.count {
                bytes.storeBytes(
                    of: bytes.loadUnaligned(fromByteOffset: at, as: UInt32.self) ^ key,
                    toByteOffset: at,
                    as: UInt32.self
                )
                at += 4
            }
            for (index, position) in (at..<bytes.count).enumerated() {
                bytes[position] ^= UInt8(truncatingIfNeeded: mask >> (24 - 8 * UInt32(index)))
            }
        }
    }

    private mutating func append(bigEndian value: UInt64, count: Int) {
        for index in (0..<count).reversed() { append(UInt8(truncatingIfNeeded: value >> (8 * UInt64(index)))) }
    }
}
