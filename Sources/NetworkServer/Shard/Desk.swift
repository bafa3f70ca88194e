// SPDX-License-Identifier: Apache-2.0
internal import LoRaWAN

/// What all devices of a shard share while a decision is made: the present, the numbers to give out, the effects so far.
struct Desk: Sendable {
    let configuration: NetworkConfiguration
    let timing: Timing
    var addresses: AddressPool
    var tally = Tally()
    /// The moment of the event at hand.
    var now = Moment(monotonic: 0, wall: UnixTime(nanoseconds: 0))
    /// The effects of the event at hand.
    var effects: [Effect] = []

    /// Coverages that take no transmissions.
    private var closedCoverages: Set<Int> = []
    /// Channels that sessions have in common.
    private var commonPlans: [ChannelPlan] = []
    private let stride: UInt64
    private var nextTransaction: UInt64
    private var nextUplink: UInt64
    /// The slot of the device that each transmission under way is for.
    private var transactions: [TransactionID: Int32] = [:]

    init(configuration: NetworkConfiguration, place: ShardPlace, firstTransaction: UInt64) {
        self.configuration = configuration
        timing = Timing(configuration)
        addresses = AddressPool(netID: configuration.netID, place: place)
        stride = UInt64(place.count)
        // The RAN wants numbers above 0.
        nextTransaction = max(1, firstTransaction) &+ UInt64(place.index)
        nextUplink = nextTransaction
    }

    /// What is wanted of devices in a region; nil when nothing is.
    func wanted(in region: Region) -> WantedParameters? {
        configuration.wanted.isEmpty ? nil : configuration.wanted[region.name]
    }

    mutating func note(_ coverage: Int, isOpen: Bool) {
        if isOpen { closedCoverages.remove(coverage) } else { closedCoverages.insert(coverage) }
    }

    /// Whether a coverage takes transmissions.
    func isOpen(_ coverage: Int) -> Bool { closedCoverages.isEmpty || !closedCoverages.contains(coverage) }

    private static let maximumCommonPlans = 16

    /// An equal plan that shares its memory with those of other sessions: join-accepts give the same channels to most devices.
    mutating func shared(_ plan: ChannelPlan) -> ChannelPlan {
        guard !plan.extras.isEmpty else { return plan }
        if let common = commonPlans.first(where: { $0 == plan }) { return common }
        if commonPlans.count == Self.maximumCommonPlans { commonPlans.removeFirst() }
        commonPlans.append(plan)
        return plan
    }

    /// The numbers of all shards interleave, so none is given twice.
    mutating func makeUplinkID() -> UplinkID {
        defer { nextUplink &+= stride }
        return UplinkID(rawValue: nextUplink)
    }

    /// A number for a transmission of the device in a slot, under which its result is found.
    mutating func makeTransaction(slot: Int32) -> TransactionID {
        defer { nextTransaction &+= stride }
        let transaction = TransactionID(rawValue: nextTransaction)
        transactions[transaction] = slot
        return transaction
    }

    func slot(of transaction: TransactionID) -> Int? { transactions[transaction].map(Int.init) }

    /// No result is expected any more.
    mutating func close(_ transaction: TransactionID) {
        transactions[transaction] = nil
    }

    /// An event is decided on at a moment.
    mutating func begin(at now: Moment) {
        self.now = now
    }

    /// Most frames have four effects or fewer; growing step by step would move them twice.
    mutating func expectFrame() {
        effects.reserveCapacity(4)
    }

    /// Hands the effects over and begins anew.
    mutating func takeEffects() -> [Effect] {
        var taken: [Effect] = []
        swap(&taken, &effects)
        return taken
    }
}
