// SPDX-License-Identifier: Apache-2.0

extension RANClient {
    /// Opens upstream websockets; the caller stops the stream, or `close` does.
    ///
    /// - Parameters: see `UpstreamStream.init`.
    public func openUpstream(
        connections: Int = 1,
        capacity: Int = 1024,
        options: StreamOptions = StreamOptions(),
        stateChanged: @escaping @Sendable (Int, ConnectionState) -> Void = { _, _ in },
    ) -> UpstreamStream {
        let stream = UpstreamStream(
            endpoint: endpoint,
            name: name,
            connections: connections,
            capacity: capacity,
            options: options,
            logger: logger,
            metrics: registry,
            stateChanged: stateChanged,
        )
        adopt(stream)
        return stream
    }

    /// Opens a downstream websocket; the caller stops it, or `close` does. All of one client's share their transaction
    /// numbers.
    ///
    /// - Parameters: see `DownstreamStream.init`.
    public func openDownstream(
        capacity: Int = 1024,
        options: DownstreamOptions = DownstreamOptions(),
        stateChanged: @escaping @Sendable (ConnectionState) -> Void = { _ in },
    ) -> DownstreamStream {
        let stream = DownstreamStream(
            endpoint: endpoint,
            name: name,
            capacity: capacity,
            options: options,
            transactions: transactions,
            logger: logger,
            metrics: registry,
            stateChanged: stateChanged,
        )
        adopt(stream)
        return stream
    }

    /// Opens upstream websockets for the time of `body`; they are closed when it returns or throws.
    ///
    /// - Parameters: see `UpstreamStream.init`.
    /// - Throws: what `body` throws. A connection that cannot be opened is no error here: see `waitUntilConnected`.
    public func withUpstream<Result, Failure: Error>(
        connections: Int = 1,
        capacity: Int = 1024,
        options: StreamOptions = StreamOptions(),
        _ body: (UpstreamStream) async throws(Failure) -> Result,
    ) async throws(Failure) -> Result {
        let stream = openUpstream(connections: connections, capacity: capacity, options: options)
        let result: Swift.Result<Result, Failure> = await capture { () async throws(Failure) in
            try await body(stream)
        }
        stream.stop()
        await stream.waitUntilStopped()
        return try result.get()
    }

    /// Opens a downstream websocket for the time of `body`; it is closed when it returns or throws.
    ///
    /// - Parameters: see `DownstreamStream.init`.
    /// - Throws: what `body` throws. A connection that cannot be opened is no error here: see `waitUntilConnected`.
    public func withDownstream<Result, Failure: Error>(
        capacity: Int = 1024,
        options: DownstreamOptions = DownstreamOptions(),
        _ body: (DownstreamStream) async throws(Failure) -> Result,
    ) async throws(Failure) -> Result {
        let stream = openDownstream(capacity: capacity, options: options)
        let result: Swift.Result<Result, Failure> = await capture { () async throws(Failure) in
            try await body(stream)
        }
        stream.stop()
        await stream.waitUntilStopped()
        return try result.get()
    }
}

/// Makes a client for the time of `body`; it is closed when it returns or throws.
///
/// - Parameters:
///   - endpoint: the coverage, and with which token.
///   - name: for logs and as the metric label; the host by default.
///   - body: gets the client.
/// - Throws: what `body` throws.
public func withRANClient<Result, Failure: Error>(
    _ endpoint: RANEndpoint,
    name: String? = nil,
    _ body: (RANClient) async throws(Failure) -> Result,
) async throws(Failure) -> Result {
    let client = RANClient(endpoint: endpoint, name: name)
    defer { client.close() }
    return try await body(client)
}

/// Makes a client of the coverage at a base URL for the time of `body`; it is closed when it returns or throws.
///
/// - Throws: `RANError.invalidParameter` for a URL or token that cannot be used, else what `body` throws.
public func withRANClient<Result>(
    url: String,
    token: String,
    _ body: (RANClient) async throws -> Result,
) async throws -> Result {
    let endpoint = try RANEndpoint(url: url, token: RANToken(token))
    return try await withRANClient(endpoint) { client async throws in try await body(client) }
}

private func capture<Value, Failure: Error>(
    _ body: () async throws(Failure) -> Value,
) async -> Result<Value, Failure> {
    do throws(Failure) {
        return .success(try await body())
    } catch {
        return .failure(error)
    }
}

extension UpstreamStream: StoppableStream {}
extension DownstreamStream: StoppableStream {}
