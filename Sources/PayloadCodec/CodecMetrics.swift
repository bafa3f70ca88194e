// SPDX-License-Identifier: Apache-2.0
internal import Observability

/// The codec's counters and gauges.
struct CodecMetrics: Sendable {
    /// Calls answered, by what answered them.
    let lppCalls: Counter
    let scriptCalls: Counter
    /// Calls of scripts that change built-ins, each in a realm of its own.
    let ownRealmCalls: Counter
    /// Failures by kind.
    private let failures: [Counter]
    /// Workers started in place of ended ones.
    let restarts: Counter
    /// Calls of overstepping applications refused: too many waited, they were suspended, or the machine had no time.
    let refused: Counter
    /// Applications moved to that worker.
    let penalties: Counter
    /// Times that an application was suspended because it cost worker after worker.
    let suspensions: Counter
    /// Applications on that worker at this moment.
    let penalized: Gauge

    init(_ registry: MetricRegistry) {
        lppCalls = registry.counter("codec_calls_total", ("by", "cayennelpp"))
        scriptCalls = registry.counter("codec_calls_total", ("by", "javascript"))
        ownRealmCalls = registry.counter("codec_own_realm_calls_total")
        failures = CodecFailure.Kind.allCases.map { registry.counter("codec_failures_total", ("kind", $0.rawValue)) }
        restarts = registry.counter("codec_worker_restarts_total")
        refused = registry.counter("codec_refused_calls_total")
        penalties = registry.counter("codec_penalties_total")
        suspensions = registry.counter("codec_suspensions_total")
        penalized = registry.gauge("codec_penalized_applications")
    }

    /// Counts the failure of an answer, if it has one.
    func count(_ answer: CodecAnswer) {
        switch answer {
        case .decoded(let outcome): count(outcome.mainFailure)
        case .encoded(let outcome): count(outcome.failure)
        case .called(let outcome): count(outcome.failure)
        }
    }

    private func count(_ failure: CodecFailure?) {
        guard let failure, let index = CodecFailure.Kind.allCases.firstIndex(of: failure.kind) else { return }
        failures[index].add()
    }
}
