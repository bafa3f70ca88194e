// SPDX-License-Identifier: Apache-2.0
public import LoRaWAN

/// Devices that hear the same downlinks under one address.
public struct MulticastGroup: Sendable {
    public var address: DevAddr
    /// McAppSKey.
    public var applicationKey: AES128Key
    /// McNwkSKey.
    public var networkKey: AES128Key
    public var region: Region
    /// Indexes of the coverages whose RANs send to the group; at least one.
    public var coverages: [Int]
    public var listening: Listening
    /// The counter of the first downlink when none is stored.
    public var firstCounter: UInt32

    public init(
        address: DevAddr,
        applicationKey: AES128Key,
        networkKey: AES128Key,
        region: Region,
        coverages: [Int],
        listening: Listening,
        firstCounter: UInt32 = 0,
    ) {
        self.address = address
        self.applicationKey = applicationKey
        self.networkKey = networkKey
        self.region = region
        self.coverages = coverages
        self.listening = listening
        self.firstCounter = firstCounter
    }

    /// When and where the group listens.
    public enum Listening: Hashable, Sendable {
        /// Always; nil is the region's RX2.
        case classC(ReceiveWindow?)
        /// In ping slots of a periodicity of 0 to 7; nil is the region's frequency and data rate.
        case classB(periodicity: UInt8, ReceiveWindow?)
    }
}

/// One downlink to a multicast group. It is never confirmed.
public struct MulticastItem: Hashable, Sendable {
    /// Given by the shell, unique for the life of the database.
    public var id: UInt64
    public var address: DevAddr
    /// 1 to 223.
    public var port: UInt8
    /// Plain octets.
    public var payload: [UInt8]
    /// When it is no longer wanted.
    public var expiresAt: UnixTime?
    /// Not before this moment.
    public var notBefore: UnixTime?
    /// The request's own context, carried along untouched and given back with every outcome.
    public var context: [UInt8]

    public init(
        id: UInt64,
        address: DevAddr,
        port: UInt8,
        payload: [UInt8],
        expiresAt: UnixTime? = nil,
        notBefore: UnixTime? = nil,
        context: [UInt8] = [],
    ) {
        self.id = id
        self.address = address
        self.port = port
        self.payload = payload
        self.expiresAt = expiresAt
        self.notBefore = notBefore
        self.context = context
    }
}

/// What the store held of a multicast group.
public struct RestoredGroup: Sendable {
    public var session: [UInt8]?
    /// In ascending position.
    public var downlinks: [[UInt8]]

    public init(session: [UInt8]? = nil, downlinks: [[UInt8]] = []) {
        self.session = session
        self.downlinks = downlinks
    }
}
