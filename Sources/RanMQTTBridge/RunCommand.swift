// SPDX-License-Identifier: Apache-2.0
internal import Bridge
internal import Concurrency
internal import Configuration
internal import Glibc
internal import LoRaWAN
internal import MQTTShim
internal import Observability
internal import RANClient
internal import Store
internal import TTNMessages

/// `run`: the service.
enum RunCommand {
    static func run(_ words: [String]) async throws(UsageError) -> ExitCode {
        let arguments = try Arguments(words, options: ["--config"])
        let file = try arguments.required("--config")
        // Before any thread that could be killed by them exists.
        let signals = SignalSource([SIGTERM, SIGINT, SIGHUP])
        let configuration: BridgeConfiguration
        let settings: BridgeSettings
        do throws(ConfigurationErrors) {
            configuration = try BridgeConfiguration.load(file: file, environment: ProcessEnvironment.all)
        } catch {
            Console.complain(error.description)
            return .configuration
        }
        do {
            settings = try BridgeSettings(configuration)
        } catch {
            Console.complain("\(file): \(error)")
            return .configuration
        }
        let logger = Logger(component: "bridge", sink: LogSink(configuration.log))
        return await serve(settings, configuration.store, signals, logger)
    }

    private static func serve(
        _ settings: BridgeSettings,
        _ storage: StoreConfiguration,
        _ signals: SignalSource,
        _ logger: Logger,
    ) async -> ExitCode {
        do {
            var options = SQLiteStore.Options()
            options.cacheBytes = storage.cacheBytes
            options.maximumBytes = storage.maximumBytes
            let store = try SQLiteStore(path: storage.path, options: options)
            let bridge = Bridge(settings: settings, store: store, logger: logger, metrics: MetricRegistry())
            logger.info("starting", ["version": Program.version, "store": storage.path])
            // The service ends when a signal comes, or by itself when it cannot start.
            let code = try await withThrowingTaskGroup(of: ExitCode?.self) { group in
                group.addTask {
                    try await bridge.run()
                    return .success
                }
                group.addTask {
                    for await signal in signals.signals {
                        logger.info("signal", ["number": signal])
                        guard signal == SIGHUP else { break }
                        await bridge.reloadFormatters()
                    }
                    return nil
                }
                var code = ExitCode.success
                if let first = try await group.next(), let ended = first { code = ended }
                group.cancelAll()
                while let next = try await group.next() {
                    if let ended = next { code = ended }
                }
                return code
            }
            try store.close()
            return code
        } catch {
            logger.error("start_failed", ["error": "\(error)"])
            return .failure
        }
    }
}

/// The process environment as a dictionary.
enum ProcessEnvironment {
    static var all: [String: String] {
        var result: [String: String] = [:]
        var entry = environ
        while let text = entry.pointee {
            let parts = String(cString: text).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2 { result[String(parts[0])] = String(parts[1]) }
            entry += 1
        }
        return result
    }
}

extension LogSink {
    convenience init(_ log: LogConfiguration) {
        self.init(
            level: LogLevel(rawValue: log.level.rawValue) ?? .info,
            format: LogFormat(rawValue: log.format.rawValue) ?? .text,
        )
    }
}
