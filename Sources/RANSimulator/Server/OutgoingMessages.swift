// SPDX-License-Identifier: Apache-2.0
internal import CWebSockets

/// Websocket messages that wait for their socket, in one buffer: each has the free octets in front that libwebsockets
/// writes the frame header into, so that a message is copied once and none allocates.
struct OutgoingMessages {
    /// How one piece is framed.
    enum Framing {
        case text, binary, ping
        /// The parts of a text message sent in fragments.
        case firstFragment, fragment, lastFragment
        /// Closes the websocket with a status code in place of sending.
        case close(UInt16)
    }

    struct Piece {
        var start: Int
        var count: Int
        var framing: Framing
    }

    private(set) var octets: [UInt8] = []
    private var pieces: [Piece] = []
    private var head = 0

    /// How many octets wait.
    var waitingOctets: Int { first.map { octets.count - $0.start } ?? 0 }

    /// The piece to be sent next.
    var first: Piece? { head < pieces.count ? pieces[head] : nil }

    mutating func append(_ message: some Collection<UInt8>, as framing: Framing) {
        octets.append(contentsOf: repeatElement(0, count: Int(CWEBSOCKETS_PRE)))
        pieces.append(Piece(start: octets.count, count: message.count, framing: framing))
        octets.append(contentsOf: message)
    }

    mutating func removeFirst() {
        head += 1
        if head == pieces.count {
            removeAll()
        } else if head >= 4096, pieces[head].start * 2 > octets.count {
            compact()
        }
    }

    mutating func removeAll() {
        pieces.removeAll(keepingCapacity: true)
        octets.removeAll(keepingCapacity: true)
        head = 0
    }

    /// Lends the octets of a piece, which stay where they are, with room in front.
    mutating func withUnsafeMutableOctets<Result>(
        of piece: Piece,
        _ body: (UnsafeMutablePointer<UInt8>) -> Result,
    ) -> Result? {
        octets.withUnsafeMutableBufferPointer { buffer in
            buffer.baseAddress.map { body($0 + piece.start) }
        }
    }

    private mutating func compact() {
        let offset = pieces[head].start - Int(CWEBSOCKETS_PRE)
        octets.removeSubrange(..<offset)
        pieces.removeSubrange(..<head)
        head = 0
        for index in pieces.indices { pieces[index].start -= offset }
    }
}
