// SPDX-License-Identifier: Apache-2.0
import Concurrency
import Glibc
import JSON

/// One TCP connection that speaks HTTP or websocket by hand, on a thread of its own.
actor SocketClient {
    struct Failure: Error {
        var sentence: String
    }

    /// One websocket message, or a control frame.
    struct Message {
        var opcode: UInt8
        /// The reserved bits of its first frame: not zero would be compression.
        var reservedBits: UInt8
        var octets: [UInt8]
        var fragments: Int

        var text: String { String(decoding: octets, as: UTF8.self) }
    }

    private let executor = ThreadExecutor("socket-client")
    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }
    private var descriptor: Int32 = -1
    private var buffer: [UInt8] = []
    private(set) var pings = 0

    deinit { if descriptor >= 0 { close(descriptor) } }

    func connect(port: UInt16) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var timeout = timeval(tv_sec: 20, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { connectSocket(descriptor, $0) }
        }
        guard result == 0 else { throw Failure(sentence: "connect: \(errno)") }
    }

    /// Makes one HTTP request and reads the whole answer.
    func request(
        _ method: String,
        _ path: String,
        body: [UInt8]? = nil,
        token: String? = nil,
    ) throws -> (status: Int, body: [UInt8]) {
        var head = "\(method) \(path) HTTP/1.1\r\nHost: localhost\r\n"
        if let token { head += "Authorization: Bearer \(token)\r\n" }
        if let body { head += "Content-Type: application/json\r\nContent-Length: \(body.count)\r\n" }
        try write(Array((head + "\r\n").utf8) + (body ?? []))
        return try readResponse()
    }

    /// Opens a websocket. The status is 101 when it worked.
    func open(_ path: String) throws -> Int {
        let head =
            "GET \(path) HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
            + "Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n"
        try write(Array(head.utf8))
        return try readResponse(hasBody: false).status
    }

    /// Sends a text message, masked as clients must.
    func send(_ text: String) throws {
        try send(opcode: 1, Array(text.utf8))
    }

    /// Reads the next text or binary message; answers pings on the way.
    func receive() throws -> Message {
        var whole: Message?
        while true {
            let (head, payload) = try readFrame()
            let opcode = head & 15
            switch opcode {
            case 9:
                pings += 1
                try send(opcode: 10, payload)
            case 8: throw Failure(sentence: "closed with \(payload)")
            case 10: continue
            default:
                if whole == nil { whole = Message(opcode: opcode, reservedBits: head & 0x70, octets: [], fragments: 0) }
                whole?.octets += payload
                whole?.fragments += 1
                if head & 0x80 != 0, let message = whole { return message }
            }
        }
    }

    /// Reads the next message as JSON.
    func receiveJSON() throws -> JSONValue {
        try JSONValue(parsing: receive().octets)
    }

    /// Waits until the other side ends the connection.
    func waitForEnd() {
        while (try? readFrame()) != nil {}
    }

    private func send(opcode: UInt8, _ payload: [UInt8]) throws {
        var frame: [UInt8] = [0x80 | opcode]
        if payload.count < 126 {
            frame.append(0x80 | UInt8(payload.count))
        } else {
            frame += [0x80 | 126, UInt8(payload.count >> 8), UInt8(payload.count & 255)]
        }
        let mask: [UInt8] = [1, 2, 3, 4]
        frame += mask
        for (index, octet) in payload.enumerated() { frame.append(octet ^ mask[index & 3]) }
        try write(frame)
    }

    private func readFrame() throws -> (UInt8, [UInt8]) {
        let head = try take(2)
        var count = Int(head[1] & 127)
        if count == 126 { count = try take(2).reduce(0) { $0 << 8 | Int($1) } }
        if count == 127 { count = try take(8).reduce(0) { $0 << 8 | Int($1) } }
        return (head[0], try take(count))
    }

    private func readResponse(hasBody: Bool = true) throws -> (status: Int, body: [UInt8]) {
        let mark = Array("\r\n\r\n".utf8)
        while true {
            if let end = buffer.indices.first(where: { buffer[$0...].starts(with: mark) }) {
                let head = String(decoding: buffer[..<end], as: UTF8.self)
                buffer.removeFirst(end + 4)
                let lines = head.split(separator: "\r\n")
                let status = lines.first?.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
                let field = lines.first { $0.lowercased().hasPrefix("content-length:") }
                let count = field?.split(separator: " ").last.flatMap { Int($0) } ?? 0
                return (status, hasBody || status != 101 ? try take(count) : [])
            }
            try fill()
        }
    }

    private func take(_ count: Int) throws -> [UInt8] {
        while buffer.count < count { try fill() }
        defer { buffer.removeFirst(count) }
        return Array(buffer.prefix(count))
    }

    private func fill() throws {
        var part = [UInt8](repeating: 0, count: 65_536)
        let count = recv(descriptor, &part, part.count, 0)
        guard count > 0 else { throw Failure(sentence: count == 0 ? "end of connection" : "recv: \(errno)") }
        buffer += part[..<count]
    }

    private func write(_ octets: [UInt8]) throws {
        var offset = 0
        while offset < octets.count {
            let count = octets[offset...].withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw Failure(sentence: "send: \(errno)") }
            offset += count
        }
    }
}

private func connectSocket(_ descriptor: Int32, _ address: UnsafePointer<sockaddr>) -> Int32 {
    connect(descriptor, address, socklen_t(MemoryLayout<sockaddr_in>.size))
}
