// SPDX-License-Identifier: Apache-2.0
import Glibc
import Synchronization

/// TCP ports on 127.0.0.1 that nobody listens on.
public enum FreePort {
    private static let given = Mutex(Set<UInt16>())

    /// A port that the system finds free and that was not given out by this process before.
    public static func next() throws -> UInt16 {
        while true {
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            guard descriptor >= 0 else { throw SystemCallError("socket") }
            defer { close(descriptor) }
            var address = loopback(port: 0)
            var length = socklen_t(MemoryLayout<sockaddr_in>.size)
            let result = withUnsafeMutablePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                    bind(descriptor, address, length) == 0 ? getsockname(descriptor, address, &length) : -1
                }
            }
            guard result == 0 else { throw SystemCallError("bind") }
            let port = UInt16(bigEndian: address.sin_port)
            if given.withLock({ $0.insert(port).inserted }) { return port }
        }
    }
}

/// The address of a port on 127.0.0.1.
func loopback(port: UInt16) -> sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr = in_addr(s_addr: UInt32(0x7F00_0001).bigEndian)
    return address
}
