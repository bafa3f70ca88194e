// SPDX-License-Identifier: Apache-2.0
internal import Concurrency
public import MQTTShim
public import Observability
public import PayloadCodec
public import Store
internal import Synchronization

/// The service: joins RAN coverages and an MQTT broker until its task is cancelled, then drains and returns.
public struct Bridge: Sendable {
    private let settings: BridgeSettings
    private let store: any Store
    private let logger: Logger
    private let metrics: MetricRegistry
    private let running = RunningHouse()

    public init(settings: BridgeSettings, store: any Store, logger: Logger, metrics: MetricRegistry) {
        self.settings = settings
        self.store = store
        self.logger = logger
        self.metrics = metrics
    }

    /// Serves until cancelled. Says `ready` in the log once the broker and every coverage are connected and the routing
    /// tables hold the devices.
    ///
    /// - Throws: `BridgeError` when it cannot start: nothing of it is left running then.
    public func run() async throws(BridgeError) {
        let house = try await House(settings: settings, store: store, logger: logger, metrics: metrics)
        do throws(BridgeError) {
            try await house.start()
        } catch {
            await house.close()
            throw error
        }
        running.house.withLock { $0 = house }
        await house.serve()
        running.house.withLock { $0 = nil }
        logger.info("stopped", ["outbox_rows": store.outboxCount])
    }

    /// Reads the repository of formatters again while the service runs. What is wrong with it is said in the log, and
    /// nothing changes then.
    public func reloadFormatters() async {
        guard let house = running.house.withLock({ $0 }) else { return }
        await house.reloadFormatters()
    }
}

/// The parts of a bridge while it serves.
private final class RunningHouse: Sendable {
    let house = Mutex<House?>(nil)
}

/// Why the bridge could not start.
public enum BridgeError: Error, Sendable, CustomStringConvertible {
    case store(StoreError)
    case codec(CodecError)
    /// The repository of formatters cannot be used.
    case formatters(FormatterRepositoryError)
    case mqtt(MQTTError)
    /// An application or device of the store or the configuration cannot serve.
    case registration(String)
    /// The address for metrics cannot be listened on.
    case metrics(String)

    public var description: String {
        switch self {
        case .store(let error): error.description
        case .codec(let error): error.description
        case .formatters(let error): error.description
        case .mqtt(let error): error.description
        case .registration(let text), .metrics(let text): text
        }
    }
}
