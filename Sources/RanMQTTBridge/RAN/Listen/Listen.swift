// SPDX-License-Identifier: Apache-2.0
internal import Concurrency
internal import Glibc
internal import RANClient
internal import Synchronization

extension RANSubcommand {
    static let listen = RANSubcommand(
        name: "listen",
        usage: "[--keys FILE] [--connections N] [--count N] [--seconds N]",
        summary: "Shows upstream messages live, decoded; payloads stay encrypted. Ctrl-C ends it.",
        details: """
              --keys FILE           lines of a DevEUI and its NwkSKey (or AppKey, for joins): frames that they prove are
                                    acked
              --connections N       that many sockets, 1 to 64 (default 1)
              --count N             end after that many messages
              --seconds N           end after that time

            The RAN deals its messages among all open sockets of a token: what is shown here, a bridge with the same
            token does not get. A frame is acked only when a key of --keys gives its MIC; all others are rejected with
            the code Other, so that nothing is acked that nobody could prove. A device whose frames nobody acks for
            long may be unsubscribed by the RAN: do not leave this running without keys.
            """,
        example: "--count 10 --json",
        options: ["--keys", "--connections", "--count", "--seconds"],
        run: { call in try await Listener.run(call) },
    )
}

/// The work of `ran listen`.
enum Listener {
    private enum End: Sendable {
        case asked
        case failed(RANError)
    }

    static func run(_ call: RANCall) async throws -> ExitCode {
        _ = try call.words(0...0, "")
        let connections = try call.integer(option: "--connections", in: 1...64) ?? 1
        let count = try call.integer(option: "--count", in: 1...Int.max)
        let seconds = try call.integer(option: "--seconds", in: 1...31_536_000)
        let keys = try call.arguments.options["--keys"].map { file throws(UsageError) in try KeyRing(file: file) }
        let signals = SignalSource([SIGTERM, SIGINT])
        let (ends, end) = AsyncStream<End>.makeStream(bufferingPolicy: .bufferingOldest(1))
        let printer = FramePrinter(keys: keys ?? KeyRing(), isJSON: call.isJSON, limit: count) { end.yield(.asked) }
        let reporter = StateReporter { end.yield(.failed($0)) }
        let sockets = (1...connections).map { number in
            UpstreamConnection(
                endpoint: call.access.endpoint,
                name: "listen-\(number)",
                handler: { printer.take($0) },
                stateChanged: { reporter.note($0, of: number) },
            )
        }
        let ending = await first(of: ends, signals, seconds)
        // What was read is answered; nothing more is shown.
        for socket in sockets { socket.stop() }
        await runBlocking("listen-stop") { for socket in sockets { socket.waitUntilStopped() } }
        if case .failed(let error) = ending { throw error }
        return .success
    }

    private static func first(of ends: AsyncStream<End>, _ signals: SignalSource, _ seconds: Int?) async -> End {
        await withTaskGroup(of: End?.self) { group in
            group.addTask { await ends.first { _ in true } }
            group.addTask { await signals.signals.first { _ in true }.map { _ in .asked } }
            if let seconds {
                group.addTask {
                    do {
                        try await Task.sleep(for: .seconds(seconds))
                        return .asked
                    } catch {
                        return nil
                    }
                }
            }
            defer { group.cancelAll() }
            while let ending = await group.next() {
                if let ending { return ending }
            }
            return .asked
        }
    }
}

/// Tells on standard error how the sockets are, and gives up where trying again cannot help.
private final class StateReporter: Sendable {
    private let connected = Mutex<Set<Int>>([])
    private let giveUp: @Sendable (RANError) -> Void

    init(giveUp: @escaping @Sendable (RANError) -> Void) {
        self.giveUp = giveUp
    }

    func note(_ state: ConnectionState, of number: Int) {
        switch state {
        case .connecting, .stopped: break
        case .connected:
            let isFirst = connected.withLock { $0.insert(number).inserted }
            Console.complain(isFirst ? "socket \(number) is open" : "socket \(number) is open again")
        case .disconnected(let error, let pause):
            let wasOpen = connected.withLock { $0.contains(number) }
            // Who has never got through has the wrong address more often than bad luck.
            guard wasOpen, error.isTransient else { return giveUp(error) }
            Console.complain("socket \(number): \(error.description.printable); trying again in \(pause)")
        }
    }
}
