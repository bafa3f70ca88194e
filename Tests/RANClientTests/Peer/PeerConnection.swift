// SPDX-License-Identifier: Apache-2.0
import Glibc
import JSON

/// The server's end of one TCP connection: HTTP by hand, websocket frames by hand.
final class PeerConnection {
    struct Ended: Error {}

    struct Request {
        let method: String
        /// Path and query.
        let target: String
        /// By lower case name.
        let headers: [String: String]
        let body: [UInt8]

        var path: String { String(target.prefix { $0 != "?" }) }
        var document: JSONValue? { try? JSONValue(parsing: body) }
    }

    struct Frame: Equatable {
        let opcode: UInt8
        let payload: [UInt8]
        var text: String { String(decoding: payload, as: UTF8.self) }
        var document: JSONValue? { try? JSONValue(parsing: payload) }
    }

    static let text: UInt8 = 1
    static let binary: UInt8 = 2
    static let close: UInt8 = 8
    static let ping: UInt8 = 9
    static let pong: UInt8 = 10

    private let descriptor: Int32
    private var received: [UInt8] = []
    /// What lies before it in `received` has been read.
    private var position = 0

    init(descriptor: Int32) {
        self.descriptor = descriptor
        var one: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
    }

    // MARK: - Octets

    func write(_ octets: some Collection<UInt8>) throws {
        let octets = Array(octets)
        var offset = 0
        while offset < octets.count {
            let count = octets.withUnsafeBytes { bytes in
                let rest = UnsafeRawBufferPointer(rebasing: bytes[offset...])
                return Glibc.send(descriptor, rest.baseAddress, rest.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw Ended() }
            offset += count
        }
    }

    func read(_ count: Int) throws -> [UInt8] {
        while received.count - position < count {
            received.removeFirst(position)
            position = 0
            var piece = [UInt8](repeating: 0, count: 64 << 10)
            let size = recv(descriptor, &piece, piece.count, 0)
            guard size > 0 else { throw Ended() }
            received.append(contentsOf: piece[..<size])
        }
        defer { position += count }
        return Array(received[position..<position + count])
    }

    /// Blocks until the client closes its end.
    func waitForEnd() throws {
        while true { _ = try read(1) }
    }

    // MARK: - HTTP

    func request() throws -> Request {
        var head: [UInt8] = []
        while !head.suffix(4).elementsEqual("\r\n\r\n".utf8) { head += try read(1) }
        let lines = String(decoding: head, as: UTF8.self).split(separator: "\r\n")
        let words = lines[0].split(separator: " ")
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { continue }
            let value = line[line.index(after: colon)...].drop { $0 == " " }
            headers[line[..<colon].lowercased()] = String(value)
        }
        let length = headers["content-length"].flatMap(Int.init) ?? 0
        return Request(
            method: String(words[0]),
            target: String(words[1]),
            headers: headers,
            body: length > 0 ? try read(length) : [],
        )
    }

    func respond(_ status: Int, _ body: String, headers: [String] = []) throws {
        let head = ["HTTP/1.1 \(status) X", "Content-Type: application/json", "Content-Length: \(body.utf8.count)"]
        try write(((head + headers).joined(separator: "\r\n") + "\r\n\r\n" + body).utf8)
    }

    /// Reads the handshake and agrees. `extra` follows in the same segment.
    @discardableResult
    func acceptWebSocket(followedBy extra: [UInt8] = []) throws -> Request {
        let request = try request()
        let key = request.headers["sec-websocket-key"] ?? ""
        let accept = Base64.text(SHA1.digest(Array((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").utf8)))
        let head =
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Accept: \(accept)\r\n\r\n"
        try write(Array(head.utf8) + extra)
        return request
    }

    // MARK: - Websocket

    /// The octets of one frame as a server writes it.
    static func frame(_ opcode: UInt8, _ payload: some Collection<UInt8>, isFinal: Bool = true) -> [UInt8] {
        var octets: [UInt8] = [(isFinal ? 0x80 : 0) | opcode]
        let count = payload.count
        if count < 126 {
            octets.append(UInt8(count))
        } else if count < 1 << 16 {
            octets += [126, UInt8(count >> 8), UInt8(count & 255)]
        } else {
            octets.append(127)
            octets += (0..<8).reversed().map { UInt8(truncatingIfNeeded: count >> (8 * $0)) }
        }
        return octets + payload
    }

    func send(_ text: String) throws {
        try write(PeerConnection.frame(PeerConnection.text, text.utf8))
    }

    func send(_ opcode: UInt8, _ payload: [UInt8] = [], isFinal: Bool = true) throws {
        try write(PeerConnection.frame(opcode, payload, isFinal: isFinal))
    }

    /// Reads one frame of the client, which must be masked (RFC 6455 section 5.1).
    func frame() throws -> Frame {
        let head = try read(2)
        guard head[1] & 0x80 != 0 else { throw Ended() }
        var count = Int(head[1] & 0x7F)
        if count >= 126 {
            count = try read(count == 126 ? 2 : 8).reduce(0) { $0 << 8 | Int($1) }
        }
        let mask = try read(4)
        let payload = try read(count).enumerated().map { $0.element ^ mask[$0.offset % 4] }
        return Frame(opcode: head[0] & 0x0F, payload: payload)
    }
}
