// SPDX-License-Identifier: Apache-2.0
internal import Store

/// What one decision wants kept, and what may be done once it is.
struct CommitUnit: Sendable {
    /// Made durable in one transaction.
    var mutations: [StoreMutation]
    /// Carried out in order after the transaction, on the committer's thread: they only hand over.
    var actions: [CommitAction]
    /// Told the result, by those who wait for it.
    var completions: [@Sendable (StoreError?) -> Void]

    init(
        mutations: [StoreMutation] = [],
        actions: [CommitAction] = [],
        completions: [@Sendable (StoreError?) -> Void] = [],
    ) {
        self.mutations = mutations
        self.actions = actions
        self.completions = completions
    }

    var isEmpty: Bool { mutations.isEmpty && actions.isEmpty && completions.isEmpty }
}
