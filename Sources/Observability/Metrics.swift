// SPDX-License-Identifier: Apache-2.0
internal import Synchronization

/// A number that only grows, safe from any thread.
public final class Counter: Sendable {
    private let count = Atomic<UInt64>(0)

    init() {}

    /// Adds to the count.
    public func add(_ amount: Int = 1) { count.add(UInt64(amount), ordering: .relaxed) }

    /// The count so far.
    public var value: UInt64 { count.load(ordering: .relaxed) }
}

/// A number that goes up and down, safe from any thread.
public final class Gauge: Sendable {
    private let current = Atomic<Int64>(0)

    init() {}

    /// Replaces the value.
    public func set(_ value: Int) { current.store(Int64(value), ordering: .relaxed) }

    /// Moves the value.
    public func add(_ amount: Int) { current.add(Int64(amount), ordering: .relaxed) }

    /// The value at this moment.
    public var value: Int64 { current.load(ordering: .relaxed) }
}

/// All counters and gauges of a process by name and labels. Names are `<room>_<noun>_<unit>`, labels come from closed sets.
public final class MetricRegistry: Sendable {
    private struct Entries {
        var counters: [String: Counter] = [:]
        var gauges: [String: Gauge] = [:]
    }

    private let entries = Mutex(Entries())

    public init() {}

    /// The counter of that name and label, made at first use. Keep the result: this takes a lock.
    public func counter(_ name: StaticString, _ label: (StaticString, String)? = nil) -> Counter {
        let key = MetricRegistry.key(name, label)
        return entries.withLock { entries in
            if let counter = entries.counters[key] { return counter }
            let counter = Counter()
            entries.counters[key] = counter
            return counter
        }
    }

    /// The gauge of that name and label, made at first use.
    public func gauge(_ name: StaticString, _ label: (StaticString, String)? = nil) -> Gauge {
        let key = MetricRegistry.key(name, label)
        return entries.withLock { entries in
            if let gauge = entries.gauges[key] { return gauge }
            let gauge = Gauge()
            entries.gauges[key] = gauge
            return gauge
        }
    }

    /// All values in the text form that Prometheus reads, sorted by name.
    public func exposition() -> String {
        entries.withLock { entries in
            let counters = entries.counters.map { ($0.key, "counter", $0.value.value.description) }
            let gauges = entries.gauges.map { ($0.key, "gauge", $0.value.value.description) }
            var text = ""
            var described = ""
            for (key, type, value) in (counters + gauges).sorted(by: { $0.0 < $1.0 }) {
                let name = String(key.prefix { $0 != "{" })
                if name != described { text += "# TYPE \(name) \(type)\n" }
                described = name
                text += "\(key) \(value)\n"
            }
            return text
        }
    }

    private static func key(_ name: StaticString, _ label: (StaticString, String)?) -> String {
        guard let label else { return name.description }
        return "\(name){\(label.0)=\"\(label.1)\"}"
    }
}
