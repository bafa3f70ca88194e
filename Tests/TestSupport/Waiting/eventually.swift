// SPDX-License-Identifier: Apache-2.0

/// Asks again and again until the condition holds: only for what announces nothing, else use `Watched`.
///
/// - Throws: `WaitTimeout`, or what the condition throws.
public func eventually(
    _ what: String,
    within limit: Duration = .seconds(20),
    _ condition: () async throws -> Bool,
) async throws {
    let limit = limit * Patience.factor
    let clock = ContinuousClock()
    let deadline = clock.now + limit
    while try await !condition() {
        guard clock.now < deadline else { throw WaitTimeout(what: what, limit: limit, last: "false") }
        try await Task.sleep(for: .milliseconds(5))
    }
}
