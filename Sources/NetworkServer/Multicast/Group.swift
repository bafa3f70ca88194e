// SPDX-License-Identifier: Apache-2.0
internal import LoRaWAN

/// One multicast group: its registration, its counter, its queue, and the frame that is under way.
struct Group: Sendable {
    var profile: MulticastGroup
    /// Where it stands in the table; told apart from devices by being negative.
    let slot: Int32
    /// The next FCntDown of the group.
    var nextCounter: UInt32
    var queue: [QueuedMulticast] = []
    /// The frame that the RANs have, or that waits to be tried again.
    var current: Frame?
    /// Nothing may be sent before, monotonic nanoseconds.
    var busyUntil: Int64 = .min

    /// A frame to the group: every coverage gets the same octets.
    struct Frame: Sendable {
        let queued: QueuedMulticast
        let octets: [UInt8]
        let counter: UInt32
        /// Coverages that have not told the fate of the frame, and until when they may.
        var open: [TransactionID: Int] = [:]
        var deadline: Int64
        /// What went out, of the first coverage that sent it.
        var sent: SentDownlink?
        /// How often no coverage sent it, whether the last time counts, and what was said then.
        var failures = 0
        var isAttempt = false
        var lastResult = ""
        let window: ReceiveWindow
        let modulation: Modulation
    }

    private static let version: UInt8 = 1

    init(profile: MulticastGroup, slot: Int32) {
        self.profile = profile
        self.slot = slot
        nextCounter = profile.firstCounter
    }

    /// The stored form of the counter.
    var encodedSession: [UInt8] {
        var writer = OctetWriter(capacity: 5)
        writer.put(Self.version)
        writer.put(nextCounter)
        return writer.take()
    }

    /// Takes back what was stored; false when some of it cannot be read.
    mutating func restore(_ restored: RestoredGroup) -> Bool {
        var isIntact = true
        if let octets = restored.session {
            var reader = OctetReader(octets)
            if reader.take(UInt8.self) == Self.version {
                nextCounter = max(nextCounter, reader.take())
            }
            isIntact = reader.isComplete
        }
        for octets in restored.downlinks {
            if let queued = QueuedMulticast(octets, address: profile.address) {
                queue.append(queued)
            } else {
                isIntact = false
            }
        }
        return isIntact
    }

    /// When the group must be looked at next, monotonic nanoseconds.
    func nextDeadline(_ desk: borrowing Desk) -> Int64? {
        let now = desk.now
        let isHeld = isHeld(desk)
        var next: Int64?
        func consider(_ deadline: Int64) { next = min(next ?? deadline, deadline) }
        for queued in queue {
            if let expiresAt = queued.item.expiresAt { consider(now.monotonic(of: expiresAt)) }
        }
        if let current {
            if !current.open.isEmpty { consider(current.deadline) } else if !isHeld { consider(busyUntil) }
        } else if !isHeld, let first = queue.first {
            let held = first.item.notBefore.map { now.monotonic(of: $0) } ?? now.monotonic
            consider(max(held, busyUntil))
        }
        return next
    }

    /// Whether none of its coverages takes transmissions.
    func isHeld(_ desk: borrowing Desk) -> Bool {
        for coverage in profile.coverages where desk.isOpen(coverage) { return false }
        return true
    }

    /// When and where the group hears the next frame, and the last moment of it on the monotonic clock.
    func listening(
        _ now: Moment,
        lead: Int64,
    ) -> (window: ReceiveWindow, timing: Transmission.Timing, until: Int64)? {
        switch profile.listening {
        case .classC(let window): return (window ?? profile.region.rx2, .immediately, now.monotonic)
        case .classB(let periodicity, let window):
            var parameters = PingSlotParameters()
            parameters.frequency = window?.frequency
            parameters.dataRate = window?.dataRate
            let schedule = PingSchedule(
                address: profile.address,
                periodicity: periodicity & 7,
                parameters: parameters,
                region: profile.region,
            )
            return schedule.next(after: now, lead: lead)
        }
    }

    /// Ciphers and signs a downlink under a counter; multicast goes by LoRaWAN 1.0 in every version (TS005).
    func seal(_ item: MulticastItem, counter: UInt32) -> [UInt8] {
        let frame = DataFrame(
            direction: .down,
            isConfirmed: false,
            devAddr: profile.address,
            control: FrameControl(),
            counter: UInt16(truncatingIfNeeded: counter),
            port: item.port,
            payload: FRMPayloadCipher.apply(
                key: profile.applicationKey,
                direction: .down,
                devAddr: profile.address,
                counter: counter,
                payload: item.payload,
            ),
        )
        let octets = frame.encodedWithoutMIC()
        let mic = MIC.dataDownlink10(
            key: profile.networkKey,
            devAddr: profile.address,
            counter: counter,
            octets: octets,
        )
        return octets + mic.octets
    }
}
