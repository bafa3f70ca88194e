// SPDX-License-Identifier: Apache-2.0
internal import Concurrency
internal import LoRaWAN
internal import NetworkServer
internal import RANClient
internal import Synchronization

/// Finds the shards of what the RAN says. Runs on the sockets' threads.
final class UpstreamRouter: Sendable {
    private let shards: [Shard]
    private let credits: Credits
    private let receptions = Atomic<UInt64>(0)
    /// Where the transaction numbers of all shards begin; no earlier run reached it.
    let firstTransaction: UInt64

    init(shards: [Shard], credits: Credits, firstTransaction: UInt64) {
        self.shards = shards
        self.credits = credits
        self.firstTransaction = firstTransaction
    }

    /// Tells all shards whether a coverage takes transmissions.
    func note(coverage: Int, isOpen: Bool) {
        for shard in shards { shard.submit(.coverage(coverage, isOpen: isOpen)) }
    }

    /// The shard that owns a device.
    func shard(of devEUI: EUI64) -> Int {
        // The low bits of EUIs are often counters and the high ones a vendor: mix before taking a remainder.
        Int((devEUI.rawValue &* 0x9E37_79B9_7F4A_7C15) >> 33) % shards.count
    }

    /// The shard that owns a multicast group.
    func shard(of address: DevAddr) -> Int {
        Int(address.rawValue &* 0x9E37_79B9 >> 16) % shards.count
    }

    /// Hands frames to the shards of their candidates; waits while too many are unanswered.
    func route(_ batch: UpstreamBatch, coverage: Int) {
        guard credits.take(batch.messages.count) else { return }
        let now = UnixTime(nanoseconds: WallClock.nanoseconds)
        var commands = [[ShardCommand]](repeating: [], count: shards.count)
        for message in batch.messages {
            let owners = owners(of: message.devEUIs)
            let origin = UpstreamOrigin(source: batch.source, transactionID: message.transactionID)
            let frame = UpstreamFrame(message, id: nextReception(), coverage: coverage, at: now)
            commands[owners[0]].append(.upstream(frame, from: origin, untried: Array(owners.dropFirst())))
        }
        for (index, list) in commands.enumerated() where !list.isEmpty { shards[index].submit(list) }
    }

    /// Hands what became of a transmission to the shard that sent it.
    func route(_ event: DownstreamEvent) {
        switch event {
        case .ack(let transactionID, _):
            submit(transactionID) { .transmissionAccepted($0) }
        case .result(let transactionID, let code, let message):
            submit(transactionID) { .transmissionResult($0, TransmissionResult(code: code, message: message)) }
        case .multicastResult(let transactionID, let results):
            submit(transactionID) { .multicastResult($0, results) }
        case .notSent(let transactionIDs, let reason):
            for transactionID in transactionIDs {
                submit(transactionID) {
                    .transmissionResult(
                        $0,
                        reason.isTransient ? .unsent(reason: reason.reason) : .lost(reason: reason.reason)
                    )
                }
            }
        case .unanswered(let transactionIDs, let reason):
            for transactionID in transactionIDs {
                submit(transactionID) { .transmissionResult($0, .lost(reason: reason.reason)) }
            }
        }
    }

    private func submit(_ transactionID: UInt64, _ command: (TransactionID) -> ShardCommand) {
        let id = TransactionID(rawValue: transactionID)
        // A number of an earlier run belongs to nobody; any shard may count it.
        let place = Int((transactionID &- firstTransaction) % UInt64(shards.count))
        shards[place].submit(command(id))
    }

    /// Shards of the candidates in order, each once; the first one also when there is no candidate.
    private func owners(of candidates: [EUI64]) -> [Int] {
        var owners: [Int] = []
        for candidate in candidates {
            let owner = shard(of: candidate)
            if !owners.contains(owner) { owners.append(owner) }
            if owners.count == shards.count { break }
        }
        return owners.isEmpty ? [0] : owners
    }

    private func nextReception() -> ReceptionID {
        ReceptionID(rawValue: receptions.add(1, ordering: .relaxed).newValue)
    }
}

extension UpstreamFrame {
    init(_ message: UpstreamMessage, id: ReceptionID, coverage: Int, at now: UnixTime) {
        self.init(
            id: id,
            coverage: coverage,
            candidates: message.devEUIs,
            octets: message.payload,
            challenge: message.micChallenge,
            isOutdated: message.isOutdated,
            radio: ReceivedRadio(
                frequency: message.radio.frequency,
                modulation: message.radio.modulation,
                rssi: message.radio.rssi,
                snr: message.radio.snr,
                position: message.gps.map {
                    Position(latitude: $0.latitude, longitude: $0.longitude, altitude: $0.altitude)
                },
                coverage: coverage,
                receivedAt: now,
            ),
        )
    }
}

extension TransmissionResult {
    init(code: DownstreamResultCode, message: String) {
        self = code == .success ? .sent : .refused(code: code.rawValue, message: message)
    }
}
