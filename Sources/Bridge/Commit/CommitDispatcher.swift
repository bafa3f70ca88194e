// SPDX-License-Identifier: Apache-2.0
internal import NetworkServer
internal import RANClient
internal import Synchronization
internal import TTNMessages

/// Carries out the actions of a committed group: answers to the RAN first, then transmissions, then publications.
final class CommitDispatcher: Sendable {
    private let publisher: Publisher
    private let credits: Credits
    private let links = Mutex<[CoverageLink]>([])

    init(publisher: Publisher, credits: Credits) {
        self.publisher = publisher
        self.credits = credits
    }

    /// Names the coverages, before the first commit.
    func connect(_ links: [CoverageLink]) {
        self.links.withLock { $0 = links }
    }

    /// - Returns: rows to rewrite, because their messages stay behind in the store and have changed.
    func perform(_ units: ArraySlice<CommitUnit>) -> [OutboxItem] {
        var replies: [(source: UpstreamSource, batch: [UpstreamReply])] = []
        var transmissions: [Transmission] = []
        var items: [OutboxItem] = []
        var answered = 0
        for unit in units {
            for action in unit.actions {
                switch action {
                case .reply(let origin, let reply):
                    append(reply, from: origin.source, to: &replies)
                    answered += 1
                case .transmit(let transmission): transmissions.append(transmission)
                case .publish(let item): items.append(item)
                case .announce(let message): publisher.announce(message)
                }
            }
        }
        let links = links.withLock { $0 }
        for (source, batch) in replies { source.send(batch) }
        credits.giveBack(answered)
        for transmission in transmissions { links[transmission.coverage].transmit(transmission) }
        return publisher.submit(items)
    }

    /// There are as many sources as websockets: few.
    private func append(
        _ reply: UpstreamReply,
        from source: UpstreamSource,
        to replies: inout [(source: UpstreamSource, batch: [UpstreamReply])],
    ) {
        if let place = replies.firstIndex(where: { $0.source == source }) {
            replies[place].batch.append(reply)
        } else {
            replies.append((source, [reply]))
        }
    }
}
