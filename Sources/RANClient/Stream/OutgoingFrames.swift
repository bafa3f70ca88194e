// SPDX-License-Identifier: Apache-2.0

/// Frames that wait for the socket: one owner, one frame at a time, control frames before data frames not yet begun.
struct OutgoingFrames {
    private enum Progress {
        case idle, control, data
    }

    private var bytes: [UInt8] = []
    private var ends: [Int] = []
    private var nextData = 0
    private var controls: [(opcode: WebSocket.Opcode, payload: [UInt8])] = []
    private var progress = Progress.idle
    private var offset = 0

    /// Octets of payload the socket has taken so far.
    private(set) var bytesSent = 0

    /// Whether nothing waits.
    var isEmpty: Bool { controls.isEmpty && nextData == ends.count }

    /// Whether all data frames are gone, so that new ones may be added.
    var wantsData: Bool { nextData == ends.count }

    /// Adds a text frame.
    mutating func append(_ frame: [UInt8]) {
        if nextData == ends.count, nextData > 0 {
            bytes.removeAll(keepingCapacity: true)
            ends.removeAll(keepingCapacity: true)
            nextData = 0
        }
        bytes.append(contentsOf: frame)
        ends.append(bytes.count)
    }

    /// Adds a control frame. Of several pongs that wait only the latest is kept (RFC 6455 section 5.5.3).
    mutating func append(control opcode: WebSocket.Opcode, payload: [UInt8]) {
        let firstFree = progress == .control ? 1 : 0
        if case .pong = opcode, let index = controls[firstFree...].firstIndex(where: { $0.opcode == .pong }) {
            controls.remove(at: index)
        }
        controls.append((opcode, payload))
    }

    /// Sends as much as the socket takes. False when it takes no more for the moment.
    mutating func flush(_ socket: borrowing WebSocket) throws(RANError) -> Bool {
        while true {
            if progress == .idle {
                if !controls.isEmpty {
                    progress = .control
                } else if nextData < ends.count {
                    progress = .data
                } else {
                    return true
                }
                offset = 0
            }
            guard try sendCurrent(socket) else { return false }
            if progress == .control {
                controls.removeFirst()
            } else {
                nextData += 1
            }
            progress = .idle
        }
    }

    private mutating func sendCurrent(_ socket: borrowing WebSocket) throws(RANError) -> Bool {
        while true {
            let result: Result<WebSocket.SendProgress, RANError>
            let size: Int
            if progress == .control {
                let (opcode, payload) = controls[0]
                size = payload.count
                result = payload.sending(offset..<size, as: opcode, on: socket)
            } else {
                let start = nextData == 0 ? 0 : ends[nextData - 1]
                size = ends[nextData] - start
                result = bytes.sending(start + offset..<start + size, as: .text, on: socket)
            }
            let sent = try result.get()
            offset += sent.count
            bytesSent += sent.count
            if sent.isBlocked { return false }
            if offset >= size { return true }
        }
    }
}

extension [UInt8] {
    fileprivate func sending(
        _ range: Range<Int>,
        as opcode: WebSocket.Opcode,
        on socket: borrowing WebSocket,
    ) -> Result<WebSocket.SendProgress, RANError> {
        withUnsafeBytes { bytes in
            do throws(RANError) {
                return .success(try socket.send(UnsafeRawBufferPointer(rebasing: bytes[range]), as: opcode))
            } catch {
                return .failure(error)
            }
        }
    }
}
