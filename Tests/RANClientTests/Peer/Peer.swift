// SPDX-License-Identifier: Apache-2.0
import Concurrency
import Glibc
import Synchronization

/// A server on a free loopback port that plays one script a connection, each on a thread of its own: real sockets and
/// real frames, with every fault a test wants.
final class Peer: Sendable {
    private let listener: Int32
    let port: UInt16
    private let open = Mutex<[Int32]>([])
    private let threads = Mutex<[NamedThread]>([])

    /// - Parameter script: gets each connection with its number, from 1; when it returns the connection is closed.
    init(_ script: @escaping @Sendable (PeerConnection, Int) throws -> Void) {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                _ = bind(listener, pointer, size)
                _ = getsockname(listener, pointer, &size)
            }
        }
        listen(listener, 64)
        self.listener = listener
        port = UInt16(bigEndian: address.sin_port)
        let acceptor = NamedThread("peer") { [weak self] in
            var number = 0
            while true {
                let descriptor = accept(listener, nil, nil)
                guard descriptor >= 0 else { return }
                number += 1
                let current = number
                guard let self, self.register(descriptor) else {
                    close(descriptor)
                    return
                }
                self.serve(descriptor, current, script)
            }
        }
        threads.withLock { $0.append(acceptor) }
    }

    deinit { stop() }

    var url: String { "http://127.0.0.1:\(port)/api/v1.0" }

    /// Closes everything and waits for the scripts to end.
    func stop() {
        shutdown(listener, Int32(SHUT_RDWR))
        dropConnections()
        let threads = threads.withLock { threads in
            defer { threads = [] }
            return threads
        }
        for thread in threads { thread.join() }
        if !threads.isEmpty { close(listener) }
    }

    /// Breaks every connection at once, without a close frame.
    func dropConnections() {
        open.withLock { for descriptor in $0 { shutdown(descriptor, Int32(SHUT_RDWR)) } }
    }

    private func register(_ descriptor: Int32) -> Bool {
        open.withLock { $0.append(descriptor) }
        return true
    }

    private func serve(
        _ descriptor: Int32,
        _ number: Int,
        _ script: @escaping @Sendable (PeerConnection, Int) throws -> Void,
    ) {
        let thread = NamedThread("peer-\(number)") { [weak self] in
            let connection = PeerConnection(descriptor: descriptor)
            // A script ends by a broken connection when the client goes first: that is no failure of the test.
            do { try script(connection, number) } catch {}
            if let self { self.open.withLock { $0.removeAll { $0 == descriptor } } }
            // A program that another test starts meanwhile may hold a copy of the descriptor.
            shutdown(descriptor, Int32(SHUT_RDWR))
            close(descriptor)
        }
        threads.withLock { $0.append(thread) }
    }
}
