// SPDX-License-Identifier: Apache-2.0
import Glibc
public import MQTTShim
import Synchronization

/// A real mosquitto on 127.0.0.1 with a port and a directory of its own.
public final class BrokerProcess: Sendable {
    /// Lets everybody in and forgets all when it ends.
    public static let open = """
        listener {port} 127.0.0.1
        allow_anonymous true
        set_tcp_nodelay true
        """

    /// Like `open`, but sessions and retained messages survive `stop` and `restart` (not `kill9`: they are saved when
    /// the broker ends in order).
    public static let persistent = """
        listener {port} 127.0.0.1
        allow_anonymous true
        set_tcp_nodelay true
        persistence true
        persistence_location {directory}/
        max_queued_messages 0
        """

    /// The port that `{port}` stands for.
    public let port: UInt16
    /// The directory that `{directory}` stands for.
    public let directory: TemporaryDirectory
    private let child = Mutex<ChildProcess?>(nil)
    private let earlierLog = Mutex("")

    /// Starts a broker and returns when it has answered a CONNECT.
    ///
    /// - Parameters:
    ///   - configuration: text of mosquitto.conf in which `{port}` and `{directory}` are replaced; lines that log
    ///     everything to standard error are added.
    ///   - directory: holds files that the configuration names; a new one by default.
    public static func start(
        _ configuration: String = BrokerProcess.open,
        directory: TemporaryDirectory? = nil,
        port: UInt16? = nil,
    ) async throws -> BrokerProcess {
        let broker = try BrokerProcess(
            configuration,
            directory ?? TemporaryDirectory("broker"),
            port ?? FreePort.next()
        )
        try await broker.launch()
        return broker
    }

    /// Starts a broker for the length of a closure and stops it on every path; a failure shows the broker's log.
    public static func with<Result: Sendable>(
        _ configuration: String = BrokerProcess.open,
        directory: TemporaryDirectory? = nil,
        _ body: (BrokerProcess) async throws -> Result,
    ) async throws -> Result {
        let broker = try await start(configuration, directory: directory)
        do {
            let result = try await body(broker)
            try await broker.stop()
            return result
        } catch {
            broker.showLog()
            try? await broker.kill9()
            throw error
        }
    }

    private init(_ configuration: String, _ directory: TemporaryDirectory, _ port: UInt16) throws {
        self.port = port
        self.directory = directory
        var text = configuration.replacing("{port}", with: "\(port)").replacing("{directory}", with: directory.path)
        text += "\nlog_type all\nlog_dest stderr\nlog_timestamp false\n"
        // mosquitto gives up root for the user it was built for, who could not write here.
        if geteuid() == 0 { text += "user root\n" }
        try directory.write(text, to: "mosquitto.conf")
    }

    /// `mqtt://127.0.0.1:port`.
    public var url: String { "mqtt://127.0.0.1:\(port)" }
    /// The same as an address.
    public var address: MQTTBrokerAddress { MQTTBrokerAddress(host: "127.0.0.1", port: port) }
    /// What it has logged, earlier runs included.
    public var log: String { earlierLog.withLock { $0 } + (process?.record.value.text ?? "") }
    /// The running program; nil when stopped.
    public var process: ChildProcess? { child.withLock { $0 } }

    /// The first line of the running broker's log that contains a text. With `log_type all` it names every packet.
    @discardableResult
    public func logLine(containing text: String, within limit: Duration = .seconds(20)) async throws -> String {
        guard let process else { throw BrokerFailure(problem: "is not running", log: log) }
        return try await process.line(containing: text, within: limit).text
    }

    /// Ends it in order: sessions are saved if it is persistent.
    public func stop() async throws {
        guard let process = forget() else { return }
        try await process.terminate()
        keepLog(of: process)
    }

    /// Ends it as a power cut would.
    public func kill9() async throws {
        guard let process = forget() else { return }
        try await process.kill9()
        keepLog(of: process)
    }

    /// Starts it again with the same port, directory and configuration, ending it in order before if it still runs.
    public func restart() async throws {
        try await stop()
        try await launch()
    }

    /// Writes its log to standard error.
    public func showLog() {
        let text = "--- log of the broker on port \(port)\n\(log.suffix(20_000))\n---\n"
        _ = Array(text.utf8).withUnsafeBytes { write(2, $0.baseAddress, $0.count) }
    }

    private func forget() -> ChildProcess? {
        child.withLock { child in
            defer { child = nil }
            return child
        }
    }

    private func keepLog(of process: ChildProcess) {
        earlierLog.withLock { $0 += process.record.value.text + "\n" }
    }

    private func launch() async throws {
        let program = access("/usr/sbin/mosquitto", X_OK) == 0 ? "/usr/sbin/mosquitto" : "mosquitto"
        let process = try ChildProcess(program, ["-c", directory.file("mosquitto.conf")])
        child.withLock { $0 = process }
        do {
            try await process.line(containing: " running")
            let port = port
            try await blocking { try shakeHands(port: port) }
        } catch {
            throw BrokerFailure(problem: "does not start: \(error)", log: log)
        }
    }
}

/// The broker did not do what the test needs.
public struct BrokerFailure: Error, CustomStringConvertible {
    public var problem: String
    public var log: String

    public var description: String { "mosquitto \(problem)\n\(log.suffix(4_000))" }
}

/// CONNECT without a name, and any CONNACK: a refusal too says that the broker works.
private func shakeHands(port: UInt16) throws {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    guard descriptor >= 0 else { throw SystemCallError("socket") }
    defer { close(descriptor) }
    var limit = timeval(tv_sec: 10, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    var address = loopback(port: port)
    let connected = withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
    }
    guard connected == 0 else { throw SystemCallError("connect") }
    let packet: [UInt8] = [0x10, 12, 0, 4, 0x4D, 0x51, 0x54, 0x54, 4, 2, 0, 30, 0, 0]
    guard send(descriptor, packet, packet.count, Int32(MSG_NOSIGNAL)) == packet.count else {
        throw SystemCallError("send")
    }
    var answer: UInt8 = 0
    guard recv(descriptor, &answer, 1, 0) == 1, answer == 0x20 else { throw SystemCallError("CONNACK") }
}
