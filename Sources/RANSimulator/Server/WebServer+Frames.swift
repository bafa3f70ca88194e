// SPDX-License-Identifier: Apache-2.0
internal import Glibc

extension WebServer {
    /// Writes whole websocket frames, framed already, past the library's own queue; says how many fitted. A frame begun is
    /// finished: the socket is waited for, a second at most, after which the connection is cut.
    ///
    /// Not for TLS.
    ///
    /// - Parameter ends: where each frame ends in `octets`.
    func writeFrames(_ octets: [UInt8], ends: [Int], on connection: WebConnection) -> Int {
        guard let descriptor = descriptor(of: connection), connection.outgoing.first == nil else { return 0 }
        var offset = 0
        while offset < octets.count {
            let count = octets[offset...].withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL | MSG_DONTWAIT))
            }
            if count > 0 {
                offset += count
                continue
            }
            if let whole = ends.lastIndex(where: { $0 <= offset }), ends[whole] == offset { return whole + 1 }
            if offset == 0 { return 0 }
            var waiting = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
            guard poll(&waiting, 1, 1000) == 1 else {
                drop(connection)
                return ends.count { $0 <= offset }
            }
        }
        return ends.count
    }
}
