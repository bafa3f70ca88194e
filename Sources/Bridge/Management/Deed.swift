// SPDX-License-Identifier: Apache-2.0
internal import JSON
internal import Store

/// What a method decided: what must become durable with its answer, and what follows from that.
struct Deed: Sendable {
    /// Made durable in one transaction with the answer.
    var mutations: [StoreMutation] = []
    /// Let go after that.
    var actions: [CommitAction] = []
    /// The result as far as it is known before the RAN has spoken.
    var result: JSONValue
    /// Whether the answer is kept with the mutations; when not, what follows keeps it.
    var keepsAnswer = true
    /// Carried out once it is durable; gives the final result.
    var follow: (@Sendable () async -> JSONValue)?

    init(
        _ result: JSONValue,
        mutations: [StoreMutation] = [],
        actions: [CommitAction] = [],
        keepsAnswer: Bool = true,
        follow: (@Sendable () async -> JSONValue)? = nil,
    ) {
        self.result = result
        self.mutations = mutations
        self.actions = actions
        self.keepsAnswer = keepsAnswer
        self.follow = follow
    }
}
