// SPDX-License-Identifier: Apache-2.0
internal import CCurl
internal import Concurrency
internal import Glibc

/// One open websocket: libcurl in its connect-only mode, used by one thread.
struct WebSocket: ~Copyable {
    /// What one call of `receive` brought: a piece of a frame.
    struct Chunk {
        let count: Int
        let kind: Kind
        /// Octets of the frame that are still to come.
        let bytesLeft: Int
        /// Whether further frames belong to the same message.
        let isContinued: Bool
    }

    enum Kind {
        case data, ping, pong, close
    }

    private let easy: CurlEasy
    // The handle stays in it for life: the connection lives in its pool.
    private let multi: CurlMulti
    private let token: RANToken
    private let url: String
    let socket: Int32

    /// Connects and shakes hands.
    ///
    /// - Parameters:
    ///   - endpoint: where, and with which token.
    ///   - path: what follows the base URL, from its slash on.
    ///   - control: its signal ends the attempt when a stop is asked for.
    /// - Throws: `.unauthorized` and `.handshakeRefused` for the server's no, `.closed` after a stop, and what the way
    ///   brings: `.transport`, `.tls`, `.timedOut`, `.connectionLost`.
    init(endpoint: RANEndpoint, path: String, control: StreamControl) throws(RANError) {
        let url = endpoint.webSocketBase + path
        let address = try CurlURL(parsing: url)
        address.appendQuery("access_token", endpoint.token.secret)
        var easy = try CurlEasy()
        try easy.prepare(endpoint: endpoint, url: address.text)
        try easy.set(CURLOPT_CONNECT_ONLY, 2)
        // libcurl's own pongs fail for pings that arrive in pieces.
        try easy.set(CURLOPT_WS_OPTIONS, Int(CURLWS_NOAUTOPONG))
        try easy.set(CURLOPT_TCP_NODELAY, 1)
        let multi = try CurlMulti()
        socket = try WebSocket.connect(easy, multi, url, endpoint, control)
        token = endpoint.token
        self.url = url
        self.easy = easy
        self.multi = multi
    }

    deinit { multi.remove(easy) }

    private static func connect(
        _ easy: borrowing CurlEasy,
        _ multi: borrowing CurlMulti,
        _ url: String,
        _ endpoint: RANEndpoint,
        _ control: StreamControl,
    ) throws(RANError) -> Int32 {
        multi.add(easy)
        var connected: Int32?
        defer { if connected == nil { multi.remove(easy) } }
        let deadline = MonotonicTime.now.advanced(by: endpoint.connectTimeout)
        let operation = "connecting to \(url)"
        while true {
            if control.isStopping { throw .closed }
            multi.perform()
            if let finished = multi.nextFinished() {
                guard finished.result == CURLE_OK else {
                    throw refusal(easy, finished.result, operation, endpoint.token)
                }
                guard let socket = easy.socket else { throw .connectionLost(operation) }
                connected = socket
                return socket
            }
            let left = deadline.since(.now)
            guard left > .zero else { throw .timedOut("\(operation) within \(endpoint.connectTimeout)") }
            _ = control.prepareSleep()
            if !control.isStopping { multi.wait(control.wakeSignal, milliseconds: left.wholeMilliseconds) }
            control.endSleep()
        }
    }

    private static func refusal(
        _ easy: borrowing CurlEasy,
        _ result: CURLcode,
        _ operation: String,
        _ token: RANToken,
    ) -> RANError {
        switch easy.status {
        case 401: .unauthorized("\(operation) was answered with HTTP 401")
        case 200...599: .handshakeRefused(status: easy.status, operation)
        default: easy.error(result, during: operation, token: token)
        }
    }

    /// Takes what has arrived of one frame; nil when nothing is there. An empty piece is an event of its own.
    func receive(into buffer: UnsafeMutableRawBufferPointer) throws(RANError) -> Chunk? {
        var count = 0
        var meta: UnsafePointer<curl_ws_frame>?
        let result = curl_ws_recv(easy.raw, buffer.baseAddress, buffer.count, &count, &meta)
        guard result != CURLE_AGAIN else { return nil }
        guard result == CURLE_OK, let frame = meta?.pointee else {
            throw easy.error(result, during: "reading from \(url)", token: token)
        }
        let flags = frame.flags
        let kind: Kind =
            if flags & CURLWS_CLOSE != 0 {
                .close
            } else if flags & CURLWS_PING != 0 {
                .ping
            } else if flags & Int32(CURLWS_PONG) != 0 {
                .pong
            } else {
                .data
            }
        return Chunk(
            count: count,
            kind: kind,
            bytesLeft: Int(frame.bytesleft),
            isContinued: flags & CURLWS_CONT != 0,
        )
    }

    /// Sends octets of frames; libcurl's own way of sending would write each frame by itself.
    ///
    /// - Returns: how many the socket took; nil when it takes none now. The same octets must then be offered again.
    func send(_ bytes: UnsafeRawBufferPointer) throws(RANError) -> Int? {
        var count = 0
        let result = curl_easy_send(easy.raw, bytes.baseAddress, bytes.count, &count)
        guard result != CURLE_AGAIN else { return nil }
        guard result == CURLE_OK else { throw easy.error(result, during: "writing to \(url)", token: token) }
        return count
    }

    /// Sleeps until the socket can be read (or written, when asked), the control's signal, or the time is over.
    ///
    /// - Returns: whether there is something to read, or the end of the connection to notice.
    func wait(control: StreamControl, reads: Bool, writes: Bool, milliseconds: Int) -> Bool {
        let events = Int16(reads ? POLLIN : 0) | Int16(writes ? POLLOUT : 0)
        var entries: (pollfd, pollfd) = (
            pollfd(fd: events == 0 ? -1 : socket, events: events, revents: 0),
            pollfd(fd: control.wakeSignal.descriptor, events: Int16(POLLIN), revents: 0),
        )
        withUnsafeMutableBytes(of: &entries) { bytes in
            _ = poll(bytes.assumingMemoryBound(to: pollfd.self).baseAddress, 2, Int32(clamping: milliseconds))
        }
        if entries.1.revents != 0 { control.wakeSignal.clear() }
        return entries.0.revents & ~Int16(POLLOUT) != 0
    }
}
