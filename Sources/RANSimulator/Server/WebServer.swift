// SPDX-License-Identifier: Apache-2.0
internal import CWebSockets
internal import Concurrency
internal import Glibc

/// HTTP and websockets on one port through libwebsockets, which is called here only.
///
/// Not thread-safe: made, served and destroyed by one thread. Only its `waker` may be used from others.
final class WebServer {
    private static let largestMessage = 1 << 20
    private static let largestBody = 16 << 20

    /// The port it listens on.
    private(set) var port: UInt16 = 0
    private unowned let handler: any WebServerHandler
    private let storage: ServerStorage
    private var context: OpaquePointer?
    private var connections: [OpaquePointer: WebConnection] = [:]

    /// Listens.
    ///
    /// - Parameters:
    ///   - address: an IPv4 address of this machine.
    ///   - port: 0 for a free one.
    ///   - tls: nil serves without TLS.
    ///   - handler: told what happens; must outlive the server.
    init(
        address: String,
        port: UInt16,
        tls: TLSFiles?,
        handler: any WebServerHandler,
    ) throws(SimulatorError) {
        self.handler = handler
        storage = ServerStorage(address: address, tls: tls)
        lws_set_log_level(LLL_ERR, nil)
        var info = lws_context_creation_info()
        info.port = Int32(port)
        info.iface = UnsafePointer(storage.address)
        info.protocols = UnsafePointer(storage.protocols)
        info.retry_and_idle_policy = UnsafePointer(storage.idlePolicy)
        info.user = Unmanaged.passUnretained(self).toOpaque()
        info.pt_serv_buf_size = 65_536
        info.max_http_header_data2 = 65_536
        info.max_http_header_pool2 = 64
        info.keepalive_timeout = 60
        info.timeout_secs = 30
        info.gid = -1
        info.uid = -1
        info.options = UInt64(LWS_SERVER_OPTION_DISABLE_IPV6)
        if let tls {
            guard access(tls.certificate, R_OK) == 0, access(tls.key, R_OK) == 0 else {
                throw SimulatorError.cannotServeTLS(certificate: tls.certificate, key: tls.key)
            }
            info.options |= UInt64(LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT)
            info.ssl_cert_filepath = UnsafePointer(storage.certificate)
            info.ssl_private_key_filepath = UnsafePointer(storage.key)
            info.alpn = UnsafePointer(storage.alpn)
        }
        guard let context = lws_create_context(&info) else {
            if let tls { throw SimulatorError.cannotServeTLS(certificate: tls.certificate, key: tls.key) }
            throw SimulatorError.cannotListen(address: address, port: port)
        }
        self.context = context
        storage.timer.pointee.context = context
        guard let vhost = lws_get_vhost_by_name(context, "default") else {
            lws_context_destroy(context)
            throw SimulatorError.cannotListen(address: address, port: port)
        }
        self.port = UInt16(clamping: lws_get_vhost_listen_port(vhost))
    }

    /// A handle that ends a `serve` from any thread, as long as the server exists.
    var waker: WebServerWaker? { context.map { WebServerWaker(context: $0) } }

    /// Waits for sockets until the deadline, and serves what is ready.
    func serve(until deadline: MonotonicTime) {
        guard let context else { return }
        let wait = (deadline.nanoseconds - MonotonicTime.now.nanoseconds + 999_999) / 1_000_000
        if wait > 0 {
            // The library sleeps whole milliseconds and looks again and again in the rest, of which this leaves little.
            cwebsockets_timer_start(storage.timer, 1000 * wait + 100)
            lws_service(context, 0)
        } else {
            lws_service(context, -1)
        }
    }

    /// Closes every socket and ends listening.
    func close() {
        guard let context else { return }
        self.context = nil
        cwebsockets_timer_stop(storage.timer)
        lws_context_destroy(context)
        for connection in connections.values { connection.handle = nil }
        connections = [:]
    }

    /// Answers the request of a connection; nothing when it is gone.
    func respond(_ response: HTTPResponse, on connection: WebConnection) {
        guard let handle = connection.handle else { return }
        connection.response = response
        lws_callback_on_writable(handle)
    }

    /// Sends one websocket message.
    func send(
        _ message: some Collection<UInt8>,
        as framing: OutgoingMessages.Framing = .text,
        on connection: WebConnection,
    ) {
        guard let handle = connection.handle else { return }
        let wasIdle = connection.outgoing.first == nil
        connection.outgoing.append(message, as: framing)
        if wasIdle, !connection.isFrozen { lws_callback_on_writable(handle) }
    }

    /// The socket of a connection, for whoever writes past the library.
    func descriptor(of connection: WebConnection) -> Int32? { connection.handle.map { lws_get_socket_fd($0) } }

    /// Cuts a connection without a closing handshake.
    func drop(_ connection: WebConnection) {
        guard let handle = connection.handle else { return }
        lws_set_timeout(handle, PENDING_TIMEOUT_CLOSE_SEND, LWS_TO_KILL_ASYNC)
    }

    /// Stops or resumes reading and writing on a websocket that stays open.
    func setFrozen(_ isFrozen: Bool, _ connection: WebConnection) {
        guard let handle = connection.handle, connection.isFrozen != isFrozen else { return }
        connection.isFrozen = isFrozen
        lws_rx_flow_control(handle, isFrozen ? 0 : 1)
        if !isFrozen { lws_callback_on_writable(handle) }
    }

    // MARK: callbacks

    fileprivate func event(
        _ reason: lws_callback_reasons,
        _ handle: OpaquePointer,
        _ input: UnsafeMutableRawPointer?,
        _ count: Int,
    ) -> Int32 {
        switch reason {
        case LWS_CALLBACK_FILTER_NETWORK_CONNECTION:
            return handler.acceptsConnection() ? 0 : 1
        case LWS_CALLBACK_HTTP:
            return beginRequest(on: connection(of: handle))
        case LWS_CALLBACK_HTTP_BODY:
            let body = UnsafeRawBufferPointer(start: input, count: count)
            return appendBody(body, on: connection(of: handle))
        case LWS_CALLBACK_HTTP_BODY_COMPLETION:
            finishRequest(on: connection(of: handle))
            return 0
        case LWS_CALLBACK_HTTP_WRITEABLE:
            return writeResponse(on: connection(of: handle))
        case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE:
            return judgeHandshake(on: connection(of: handle))
        case LWS_CALLBACK_ESTABLISHED:
            let connection = connection(of: handle)
            if connection.websocketPath == nil { connection.websocketPath = request(of: handle).path }
            handler.opened(connection)
            return 0
        case LWS_CALLBACK_RECEIVE:
            return receive(UnsafeRawBufferPointer(start: input, count: count), on: connection(of: handle))
        case LWS_CALLBACK_SERVER_WRITEABLE:
            return writeMessages(on: connection(of: handle))
        case LWS_CALLBACK_WSI_DESTROY:
            forget(handle)
            return 0
        default:
            return 0
        }
    }

    private func connection(of handle: OpaquePointer) -> WebConnection {
        if let known = connections[handle] { return known }
        let connection = WebConnection(handle: handle)
        connections[handle] = connection
        return connection
    }

    private func forget(_ handle: OpaquePointer) {
        guard let connection = connections.removeValue(forKey: handle) else { return }
        connection.handle = nil
        if connection.websocketPath != nil { handler.closed(connection) }
    }

    private func beginRequest(on connection: WebConnection) -> Int32 {
        guard let handle = connection.handle else { return -1 }
        let request = request(of: handle)
        connection.request = request
        let hasBody =
            request.method == .post && header(WSI_TOKEN_HTTP_CONTENT_LENGTH, of: handle).map { $0 != "0" } == true
        if !hasBody { finishRequest(on: connection) }
        return 0
    }

    private func appendBody(_ octets: UnsafeRawBufferPointer, on connection: WebConnection) -> Int32 {
        guard (connection.request?.body.count ?? 0) + octets.count <= WebServer.largestBody else { return -1 }
        connection.request?.body.append(contentsOf: octets)
        return 0
    }

    private func finishRequest(on connection: WebConnection) {
        guard let request = connection.request else { return }
        connection.request = nil
        handler.handle(request, on: connection)
    }

    private func judgeHandshake(on connection: WebConnection) -> Int32 {
        guard let handle = connection.handle else { return -1 }
        let request = request(of: handle)
        if let refusal = handler.refusal(ofHandshake: request, on: connection) {
            return write(refusal, to: handle) ? 1 : -1
        }
        connection.websocketPath = request.path
        return 0
    }

    private func writeResponse(on connection: WebConnection) -> Int32 {
        guard let handle = connection.handle, let response = connection.response else { return 0 }
        connection.response = nil
        guard write(response, to: handle) else { return -1 }
        return lws_http_transaction_completed(handle) == 0 ? 0 : -1
    }

    private func write(_ response: HTTPResponse, to handle: OpaquePointer) -> Bool {
        let reserve = Int(CWEBSOCKETS_PRE)
        var head = [UInt8](repeating: 0, count: reserve + 2048)
        let isHeadWritten = head.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return false }
            let start = base + reserve
            var cursor: UnsafeMutablePointer<UInt8>? = start
            let end = base + buffer.count - 1
            return lws_add_http_common_headers(
                handle,
                UInt32(response.status),
                response.contentType,
                lws_filepos_t(response.body.count),
                &cursor,
                end,
            ) == 0 && lws_finalize_write_http_header(handle, start, &cursor, end) == 0
        }
        guard isHeadWritten, !response.body.isEmpty else { return isHeadWritten }
        var body = [UInt8](repeating: 0, count: reserve) + response.body
        return body.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return false }
            return lws_write(handle, base + reserve, buffer.count - reserve, LWS_WRITE_HTTP_FINAL) >= 0
        }
    }

    private func receive(_ part: UnsafeRawBufferPointer, on connection: WebConnection) -> Int32 {
        guard let handle = connection.handle, !connection.isFrozen else { return 0 }
        let isWhole = lws_is_first_fragment(handle) != 0 && lws_is_final_fragment(handle) != 0
        if isWhole {
            let octets = part.assumingMemoryBound(to: UInt8.self)
            handler.received(Span(_unsafeElements: octets), on: connection)
            return 0
        }
        guard connection.incoming.count + part.count <= WebServer.largestMessage else { return -1 }
        connection.incoming.append(contentsOf: part)
        if lws_is_final_fragment(handle) != 0 {
            let message = connection.incoming
            connection.incoming.removeAll(keepingCapacity: true)
            handler.received(message.span, on: connection)
        }
        return 0
    }

    private func writeMessages(on connection: WebConnection) -> Int32 {
        guard let handle = connection.handle, !connection.isFrozen else { return 0 }
        var budget = 512
        while let piece = connection.outgoing.first {
            let framing: Int
            switch piece.framing {
            case .text: framing = Int(LWS_WRITE_TEXT.rawValue)
            case .binary: framing = Int(LWS_WRITE_BINARY.rawValue)
            case .ping: framing = Int(LWS_WRITE_PING.rawValue)
            case .firstFragment: framing = Int(LWS_WRITE_TEXT.rawValue | LWS_WRITE_NO_FIN.rawValue)
            case .fragment: framing = Int(LWS_WRITE_CONTINUATION.rawValue | LWS_WRITE_NO_FIN.rawValue)
            case .lastFragment: framing = Int(LWS_WRITE_CONTINUATION.rawValue)
            case .close(let code):
                lws_close_reason(handle, lws_close_status(UInt32(code)), nil, 0)
                return -1
            }
            let written = connection.outgoing.withUnsafeMutableOctets(of: piece) { start in
                lws_write(handle, start, piece.count, lws_write_protocol(UInt32(framing)))
            }
            guard let written, written >= 0 else { return -1 }
            connection.outgoing.removeFirst()
            budget -= 1
            if budget == 0 || lws_send_pipe_choked(handle) != 0 { break }
        }
        if connection.outgoing.first != nil { lws_callback_on_writable(handle) }
        return 0
    }

    private func request(of handle: OpaquePointer) -> HTTPRequest {
        var pointer: UnsafeMutablePointer<CChar>?
        var count: Int32 = 0
        let method = lws_http_get_uri_and_method(handle, &pointer, &count)
        let path = UnsafeRawBufferPointer(start: pointer, count: pointer == nil ? 0 : Int(count))
        var request = HTTPRequest(
            method: Int(method) == LWSHUMETH_GET ? .get : Int(method) == LWSHUMETH_POST ? .post : .other,
            path: String(decoding: path, as: UTF8.self),
            arguments: [],
        )
        var index: Int32 = 0
        var text = [CChar](repeating: 0, count: 2048)
        while true {
            let count = lws_hdr_copy_fragment(handle, &text, Int32(text.count), WSI_TOKEN_HTTP_URI_ARGS, index)
            guard count >= 0 else { break }
            let argument = String(decoding: text.prefix(Int(count)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
            let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if let name = parts.first {
                request.arguments.append((String(name), parts.count > 1 ? String(parts[1]) : ""))
            }
            index += 1
        }
        if let authorization = header(WSI_TOKEN_HTTP_AUTHORIZATION, of: handle), authorization.hasPrefix("Bearer ") {
            request.bearerToken = String(authorization.dropFirst(7))
        }
        return request
    }

    private func header(_ token: lws_token_indexes, of handle: OpaquePointer) -> String? {
        let count = lws_hdr_total_length(handle, token)
        guard count > 0 else { return nil }
        var text = [CChar](repeating: 0, count: Int(count) + 1)
        let copied = lws_hdr_copy(handle, &text, Int32(text.count), token)
        guard copied > 0 else { return nil }
        return String(decoding: text.prefix(Int(copied)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

/// Ends a server's wait from another thread.
///
/// `@unchecked Sendable` is sound because: 1. `lws_cancel_service` is documented for use from other threads; 2. the
/// owner stops handing it out, under its lock, before the context is destroyed.
struct WebServerWaker: @unchecked Sendable {
    fileprivate let context: OpaquePointer

    func wake() { lws_cancel_service(context) }
}

/// Memory that libwebsockets keeps pointers to while a context lives.
private final class ServerStorage {
    let address: UnsafeMutablePointer<CChar>?
    let certificate: UnsafeMutablePointer<CChar>?
    let key: UnsafeMutablePointer<CChar>?
    let alpn = strdup("http/1.1")
    let protocols = UnsafeMutablePointer<lws_protocols>.allocate(capacity: 2)
    let timer = UnsafeMutablePointer<cwebsockets_timer>.allocate(capacity: 1)
    let idlePolicy = UnsafeMutablePointer<lws_retry_bo_t>.allocate(capacity: 1)
    private let name = strdup("ran")

    init(address: String, tls: TLSFiles?) {
        self.address = strdup(address)
        certificate = tls.flatMap { strdup($0.certificate) }
        key = tls.flatMap { strdup($0.key) }
        var ran = lws_protocols()
        ran.name = UnsafePointer(name)
        ran.callback = onEvent
        ran.rx_buffer_size = 65_536
        ran.tx_packet_size = 1 << 20
        protocols.initialize(to: ran)
        (protocols + 1).initialize(to: lws_protocols())
        timer.initialize(to: cwebsockets_timer())
        var policy = lws_retry_bo_t()
        policy.secs_since_valid_ping = 20
        policy.secs_since_valid_hangup = 60
        idlePolicy.initialize(to: policy)
    }

    deinit {
        idlePolicy.deallocate()
        timer.deallocate()
        protocols.deallocate()
        free(name)
        free(alpn)
        free(key)
        free(certificate)
        free(address)
    }
}

private func onEvent(
    _ handle: OpaquePointer?,
    _ reason: lws_callback_reasons,
    _: UnsafeMutableRawPointer?,
    _ input: UnsafeMutableRawPointer?,
    _ count: Int,
) -> Int32 {
    guard let handle, let context = lws_get_context(handle), let user = lws_context_user(context) else { return 0 }
    return Unmanaged<WebServer>.fromOpaque(user).takeUnretainedValue().event(reason, handle, input, count)
}
