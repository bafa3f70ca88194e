// SPDX-License-Identifier: Apache-2.0
import Concurrency
import Glibc
import Synchronization

/// Stands between a client and a server on 127.0.0.1 and spoils their connections as a test wants it.
public final class TCPProxy: Sendable {
    /// What becomes of a new connection, judged by the first bytes the client sends.
    public enum Verdict: Sendable {
        case forward
        /// These bytes go back and the connection ends.
        case answer([UInt8])
        case hangUp
    }

    private struct State {
        var descriptors: Set<Int32> = []
        var swallowsReplies = false
        var isStopped = false
    }

    private final class Shared: Sendable {
        let state = Mutex(State())
    }

    /// Where clients connect.
    public let port: UInt16
    private let listener: Int32
    private let shared = Shared()

    /// Starts to listen.
    ///
    /// - Parameters:
    ///   - server: the port connections are forwarded to.
    ///   - judge: called on a thread of the proxy with what a new client sent first.
    public init(to server: UInt16, judge: @escaping @Sendable ([UInt8]) -> Verdict = { _ in .forward }) throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard listener >= 0 else { throw SystemCallError("socket") }
        let port = try FreePort.next()
        guard withLoopback(port, { bind(listener, $0, $1) }) == 0, listen(listener, 64) == 0 else {
            throw SystemCallError("listen")
        }
        self.port = port
        self.listener = listener
        let shared = shared
        _ = NamedThread("proxy-accept") {
            while true {
                let client = accept(listener, nil, nil)
                guard client >= 0 else { break }
                let isOpen = shared.state.withLock { state in
                    if !state.isStopped { state.descriptors.insert(client) }
                    return !state.isStopped
                }
                guard isOpen else {
                    close(client)
                    break
                }
                _ = NamedThread("proxy") { TCPProxy.serve(client, server, shared, judge) }
            }
            close(listener)
        }
    }

    deinit {
        cut(forEver: true)
        shutdown(listener, Int32(SHUT_RDWR))
    }

    /// From now on what the server sends is read and thrown away, or forwarded again.
    public func swallowReplies(_ isSwallowing: Bool) {
        shared.state.withLock { $0.swallowsReplies = isSwallowing }
    }

    /// Ends all connections.
    public func cut() { cut(forEver: false) }

    private func cut(forEver: Bool) {
        shared.state.withLock { state in
            state.isStopped = state.isStopped || forEver
            for descriptor in state.descriptors { shutdown(descriptor, Int32(SHUT_RDWR)) }
        }
    }

    private static func serve(
        _ client: Int32,
        _ server: UInt16,
        _ shared: Shared,
        _ judge: @Sendable ([UInt8]) -> Verdict,
    ) {
        func end(_ descriptor: Int32) {
            shared.state.withLock { _ = $0.descriptors.remove(descriptor) }
            close(descriptor)
        }
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = recv(client, &buffer, buffer.count, 0)
        guard count > 0 else { return end(client) }
        switch judge(Array(buffer.prefix(count))) {
        case .forward: break
        case .answer(let bytes):
            sendAll(client, bytes[...])
            return end(client)
        case .hangUp: return end(client)
        }
        let upstream = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard upstream >= 0, withLoopback(server, { connect(upstream, $0, $1) }) == 0 else {
            if upstream >= 0 { close(upstream) }
            return end(client)
        }
        shared.state.withLock { _ = $0.descriptors.insert(upstream) }
        sendAll(upstream, buffer.prefix(count))
        let back = NamedThread("proxy-back") {
            var buffer = [UInt8](repeating: 0, count: 65_536)
            while true {
                let count = recv(upstream, &buffer, buffer.count, 0)
                guard count > 0 else { break }
                if !shared.state.withLock({ $0.swallowsReplies }) { sendAll(client, buffer.prefix(count)) }
            }
            shutdown(client, Int32(SHUT_RDWR))
        }
        while true {
            let count = recv(client, &buffer, buffer.count, 0)
            guard count > 0 else { break }
            sendAll(upstream, buffer.prefix(count))
        }
        shutdown(upstream, Int32(SHUT_RDWR))
        back.join()
        end(upstream)
        end(client)
    }
}

private func sendAll(_ descriptor: Int32, _ bytes: ArraySlice<UInt8>) {
    var rest = bytes
    while !rest.isEmpty {
        let count = rest.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
        guard count > 0 else { return }
        rest = rest.dropFirst(count)
    }
}

private func withLoopback<Result>(_ port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
    withUnsafePointer(to: loopback(port: port)) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
    }
}
