// SPDX-License-Identifier: Apache-2.0

/// One TCP connection of the web server, HTTP or websocket. Lives on the service thread only.
final class WebConnection {
    /// libwebsockets' handle; nil once the connection is gone.
    var handle: OpaquePointer?
    /// The path a websocket was opened with; nil while it speaks HTTP.
    var websocketPath: String?
    /// The request whose body is being read.
    var request: HTTPRequest?
    /// The answer that waits for the socket to be writable.
    var response: HTTPResponse?
    /// A websocket message of which parts have arrived.
    var incoming: [UInt8] = []
    var outgoing = OutgoingMessages()
    /// Whether the websocket reads and writes nothing, as a half-open one.
    var isFrozen = false
    /// A number and a stream its user may give it.
    var tag = 0
    var stream: RANStream?

    init(handle: OpaquePointer) {
        self.handle = handle
    }

    /// Whether the connection still exists.
    var isOpen: Bool { handle != nil }
}
