// SPDX-License-Identifier: Apache-2.0

/// Events of a client in their order, until the client is closed or the reading task cancelled.
///
/// What is not read waits, at most `ConnectionOptions.bufferLimit` messages; then the broker is held back, which keeps
/// its own queue. If a reader stays away for longer than a connection can be silent, the oldest messages are dropped and
/// counted by `MQTTClient.droppedMessages`.
public struct EventSequence<Element: Sendable>: AsyncSequence, Sendable {
    public typealias Failure = Never

    let buffer: EventBuffer<Element>
    let registration: Registration

    /// Takes elements one by one. Several iterators of one sequence share its elements.
    public struct Iterator: AsyncIteratorProtocol {
        public typealias Failure = Never

        let buffer: EventBuffer<Element>
        let registration: Registration

        public mutating func next() async -> Element? { await buffer.next() }

        public mutating func next(isolation actor: isolated (any Actor)?) async -> Element? { await buffer.next() }
    }

    public func makeAsyncIterator() -> Iterator { Iterator(buffer: buffer, registration: registration) }
}
