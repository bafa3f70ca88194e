// SPDX-License-Identifier: Apache-2.0

/// Who is told what happens on a web server; always on the server's thread.
protocol WebServerHandler: AnyObject {
    /// Whether a TCP connection that just arrived may stay.
    func acceptsConnection() -> Bool
    /// A complete request arrived: answer it with `WebServer.respond`, at once or later.
    func handle(_ request: HTTPRequest, on connection: WebConnection)
    /// A websocket handshake arrived: nil opens it, anything else is sent instead.
    func refusal(ofHandshake request: HTTPRequest, on connection: WebConnection) -> HTTPResponse?
    func opened(_ connection: WebConnection)
    func received(_ message: Span<UInt8>, on connection: WebConnection)
    func closed(_ connection: WebConnection)
}
