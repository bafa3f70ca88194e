// SPDX-License-Identifier: Apache-2.0
internal import Concurrency
internal import Glibc
internal import Observability

/// Answers `GET /metrics` in the text form that Prometheus reads, and `GET /ready` with 200 or 503. One request at a time,
/// on a thread of its own: whoever asks slowly keeps only others who ask waiting.
final class MetricsEndpoint: Sendable {
    /// The port it listens on.
    let port: UInt16
    private let listener: Int32
    /// A pipe whose end says that it is over.
    private let wakeUp: (read: Int32, write: Int32)
    private let thread: NamedThread

    private static let longestRequest = 8192
    private static let patience: Duration = .seconds(2)

    /// - Throws: when the address cannot be listened on.
    init(
        _ address: MetricsAddress,
        metrics: MetricRegistry,
        isReady: @escaping @Sendable () -> Bool,
    ) throws(MetricsError) {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard listener >= 0 else { throw MetricsError(address: address, number: errno) }
        var reuse: Int32 = 1
        setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &reuse, socklen_t(MemoryLayout<Int32>.size))
        var place = sockaddr_in()
        place.sin_family = sa_family_t(AF_INET)
        place.sin_port = address.port.bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = inet_pton(AF_INET, address.host, &place.sin_addr) == 1
        let result = withUnsafeMutablePointer(to: &place) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { place in
                isBound && bind(listener, place, length) == 0 && listen(listener, 16) == 0
                    ? getsockname(listener, place, &length) : -1
            }
        }
        guard result == 0 else {
            let number = isBound ? errno : EINVAL
            close(listener)
            throw MetricsError(address: address, number: number)
        }
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else {
            close(listener)
            throw MetricsError(address: address, number: errno)
        }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        let wakeUp = (read: ends[0], write: ends[1])
        port = UInt16(bigEndian: place.sin_port)
        self.listener = listener
        self.wakeUp = wakeUp
        thread = NamedThread("metrics") {
            while let client = MetricsEndpoint.accepted(on: listener, unless: wakeUp.read) {
                MetricsEndpoint.answer(client, metrics, isReady)
                close(client)
            }
        }
    }

    /// Ends listening. Blocks for the request that is being answered, two seconds at most.
    func stop() {
        close(wakeUp.write)
        thread.join()
        close(listener)
        close(wakeUp.read)
    }

    /// Waits for a client; nil when it was woken to end.
    private static func accepted(on listener: Int32, unless wakeUp: Int32) -> Int32? {
        var ends = [
            pollfd(fd: listener, events: Int16(POLLIN), revents: 0),
            pollfd(fd: wakeUp, events: Int16(POLLIN), revents: 0),
        ]
        while true {
            guard poll(&ends, 2, -1) > 0 else { continue }
            if ends[1].revents != 0 { return nil }
            let client = accept(listener, nil, nil)
            guard client >= 0 else { continue }
            _ = fcntl(client, F_SETFD, FD_CLOEXEC)
            return client
        }
    }

    private static func answer(_ client: Int32, _ metrics: MetricRegistry, _ isReady: () -> Bool) {
        var limit = timeval(tv_sec: Int(patience.components.seconds), tv_usec: 0)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            setsockopt(client, SOL_SOCKET, option, &limit, socklen_t(MemoryLayout<timeval>.size))
        }
        switch requestLine(client) {
        case "GET /metrics":
            send(client, "200 OK", "text/plain; version=0.0.4; charset=utf-8", metrics.exposition())
        case "GET /ready":
            let ready = isReady()
            send(client, ready ? "200 OK" : "503 Service Unavailable", "text/plain", ready ? "ready\n" : "not ready\n")
        case nil: return
        default: send(client, "404 Not Found", "text/plain", "there is /metrics and /ready\n")
        }
    }

    /// Method and path; nil when the client says nothing sensible in time.
    private static func requestLine(_ client: Int32) -> String? {
        let deadline = MonotonicTime.now.advanced(by: patience)
        var request: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1024)
        while !String(decoding: request, as: UTF8.self).contains("\r\n\r\n") {
            let count = recv(client, &buffer, buffer.count, 0)
            guard count > 0, request.count + count <= longestRequest, MonotonicTime.now < deadline else { return nil }
            request += buffer[..<count]
        }
        let words = request.prefix { $0 != UInt8(ascii: "\r") }.split(separator: UInt8(ascii: " "))
        guard words.count == 3 else { return nil }
        let path = words[1].prefix { $0 != UInt8(ascii: "?") }
        return String(decoding: words[0], as: UTF8.self) + " " + String(decoding: path, as: UTF8.self)
    }

    private static func send(_ client: Int32, _ status: String, _ type: String, _ body: String) {
        let text =
            "HTTP/1.1 \(status)\r\nContent-Type: \(type)\r\nContent-Length: \(body.utf8.count)\r\n"
            + "Connection: close\r\n\r\n" + body
        var octets = Array(text.utf8)[...]
        while !octets.isEmpty {
            let count = octets.withUnsafeBytes { Glibc.send(client, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { return }
            octets = octets.dropFirst(count)
        }
    }
}
