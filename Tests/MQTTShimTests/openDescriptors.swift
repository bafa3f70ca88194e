// SPDX-License-Identifier: Apache-2.0
import Glibc

/// How many sockets of this process are connected to a port.
func openDescriptorsToPort(_ port: UInt16) -> Int {
    (Int32(0)..<4_096).count { isConnected($0, toPort: port) }
}

/// Whether a descriptor is a socket connected to a port.
func isConnected(_ descriptor: Int32, toPort port: UInt16) -> Bool {
    socketPort(descriptor, getpeername) == port
}

/// The port at one end of a socket.
///
/// - Parameter end: `getpeername` or `getsockname`.
func socketPort(
    _ descriptor: Int32,
    _ end: (Int32, UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32,
) -> UInt16? {
    var address = sockaddr_in()
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let result = withUnsafeMutablePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { end(descriptor, $0, &length) }
    }
    return result == 0 && address.sin_family == sa_family_t(AF_INET) ? UInt16(bigEndian: address.sin_port) : nil
}
