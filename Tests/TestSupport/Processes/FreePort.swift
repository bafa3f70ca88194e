// SPDX-License-Identifier: Apache-2.0
import Glibc
import Synchronization

/// TCP ports on 127.0.0.1 that nobody listens on.
public enum FreePort {
    private static let given = Mutex(Set<UInt16>())

    /// A port that nobody has and that was not given out by this process before. Below those that the system gives to
    /// clients: while its server is away nobody takes it by chance.
    public static func next() throws -> UInt16 {
        while true {
            let port = UInt16.random(in: 10_000..<32_768)
            guard given.withLock({ $0.insert(port).inserted }) else { continue }
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            guard descriptor >= 0 else { throw SystemCallError("socket") }
            defer { close(descriptor) }
            let address = loopback(port: port)
            let result = withUnsafePointer(to: address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                    bind(descriptor, address, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
            if result == 0 { return port }
            guard errno == EADDRINUSE else { throw SystemCallError("bind") }
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
