// SPDX-License-Identifier: Apache-2.0

/// A stream that ends with its client.
protocol StoppableStream: AnyObject, Sendable {
    func stop()
}

/// The streams of one client, as long as somebody else holds them.
struct OpenStreams: Sendable {
    private struct Entry: Sendable {
        weak var stream: (any StoppableStream)?
    }

    private var entries: [Entry] = []
    private var isClosed = false

    /// False when the client is closed: then the stream is not taken.
    mutating func add(_ stream: any StoppableStream) -> Bool {
        guard !isClosed else { return false }
        entries.removeAll { $0.stream == nil }
        entries.append(Entry(stream: stream))
        return true
    }

    /// Takes no more, and returns those that are there.
    mutating func close() -> [any StoppableStream] {
        isClosed = true
        defer { entries = [] }
        return entries.compactMap(\.stream)
    }
}
