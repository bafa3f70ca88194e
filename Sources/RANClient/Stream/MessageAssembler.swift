// SPDX-License-Identifier: Apache-2.0
internal import CSimdJSON

/// Puts pieces of frames together to messages in one buffer that is reused, with the padding behind the end that
/// simdjson needs. Control frames may come between the fragments of a message and are kept apart.
final class MessageAssembler {
    enum Event {
        /// A whole message waits in `message`, until the next piece is added.
        case message
        /// A message above the limit is over and was skipped; its size in octets.
        case oversized(Int)
        case ping([UInt8])
        case pong
        case close([UInt8])
    }

    private static let step = 64 << 10
    private static let padding = csimdjson_padding()

    private let limit: Int
    private var buffer: UnsafeMutableRawBufferPointer
    private var count = 0
    private var isComplete = false
    private var isSkipping = false
    private var control: [UInt8] = []

    init(limit: Int) {
        self.limit = limit
        buffer = .allocate(byteCount: MessageAssembler.step + MessageAssembler.padding, alignment: 64)
    }

    deinit { buffer.deallocate() }

    /// The message that `add` told of; borrowed until the next piece. The padding behind it is readable.
    var message: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: buffer[..<count]) }

    /// Where the next piece goes.
    func space() -> UnsafeMutableRawBufferPointer {
        if isComplete {
            count = 0
            isComplete = false
        }
        return UnsafeMutableRawBufferPointer(rebasing: buffer[count..<buffer.count - MessageAssembler.padding])
    }

    /// Drops a message cut off by the end of its connection.
    func reset() {
        count = 0
        isComplete = false
        isSkipping = false
        control.removeAll()
    }

    /// Takes note of a piece that was written to `space()`.
    func add(_ chunk: WebSocket.Chunk) -> Event? {
        guard chunk.kind == .data else { return addControl(chunk) }
        count += chunk.count
        let needed = count + chunk.bytesLeft
        if needed > limit { isSkipping = true }
        if chunk.bytesLeft == 0, !chunk.isContinued {
            isComplete = true
            guard isSkipping else { return .message }
            isSkipping = false
            return .oversized(skipped + count)
        }
        if isSkipping {
            skipped += count
            count = 0
        } else {
            skipped = 0
            grow(to: max(needed, count + 1))
        }
        return nil
    }

    private var skipped = 0

    private func addControl(_ chunk: WebSocket.Chunk) -> Event? {
        control.append(contentsOf: buffer[count..<count + chunk.count])
        guard chunk.bytesLeft == 0 else { return nil }
        defer { control.removeAll(keepingCapacity: true) }
        return switch chunk.kind {
        case .ping: .ping(control)
        case .close: .close(control)
        case .pong, .data: .pong
        }
    }

    /// Makes room for a message of that size, and always for some more of it.
    private func grow(to size: Int) {
        let wanted = size + MessageAssembler.padding
        guard wanted > buffer.count else { return }
        let larger = UnsafeMutableRawBufferPointer.allocate(
            byteCount: max(wanted, min(buffer.count * 2, limit + MessageAssembler.step)) + MessageAssembler.padding,
            alignment: 64,
        )
        larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        buffer.deallocate()
        buffer = larger
    }
}
