// SPDX-License-Identifier: Apache-2.0

/// A value that most devices lack most of the time: one word when absent, on the heap when present.
///
/// An array of at most one element gives the box value semantics and changes in place.
struct Rare<Value: Sendable>: Sendable {
    private var storage: [Value] = []

    init(_ value: Value? = nil) {
        if let value { storage = [value] }
    }

    var isPresent: Bool { !storage.isEmpty }

    /// Reading copies; `read` and `change` do not.
    var value: Value? {
        get { storage.first }
        set {
            guard let newValue else { return storage = [] }
            if storage.isEmpty { storage = [newValue] } else { storage[0] = newValue }
        }
    }

    /// Looks at the value in place; nil when there is none.
    func read<Result>(_ body: (borrowing Value) -> Result) -> Result? {
        storage.isEmpty ? nil : body(storage.span[0])
    }

    /// Changes the value in place; does nothing and returns nil when there is none.
    @discardableResult
    mutating func change<Result>(_ body: (inout Value) -> Result) -> Result? {
        storage.isEmpty ? nil : body(&storage[0])
    }

    /// Changes the value in place, made first when there is none.
    mutating func change<Result>(orMake make: @autoclosure () -> Value, _ body: (inout Value) -> Result) -> Result {
        if storage.isEmpty { storage = [make()] }
        return body(&storage[0])
    }
}

extension Rare: Equatable where Value: Equatable {}
extension Rare: Hashable where Value: Hashable {}
