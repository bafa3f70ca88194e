// SPDX-License-Identifier: Apache-2.0
public import LoRaWAN

/// What a decision wants done. The shell makes every `.store`, `.storeGroup` and `.uplink` of one array durable before it carries out
/// any other effect of that array: commit before ack, counters before use.
public enum Effect: Sendable {
    /// State to keep.
    case store(EUI64, StateChange)
    /// State of a multicast group to keep, under the same law; never `.joinState`.
    case storeGroup(DevAddr, StateChange)
    /// An uplink was accepted: it goes to the outbox now and is published when its `.release` comes.
    case uplink(AcceptedUplink)
    /// The copies of an uplink are together: publish it with these receptions, the first copy first.
    case release(UplinkID, receptions: [ReceivedRadio])
    /// Tell the RAN that this device sent the frame.
    case acknowledge(ReceptionID, devEUI: EUI64, mic: UInt32)
    /// Tell the RAN that the frame is refused, and the application or the operator why.
    case reject(ReceptionID, Refusal)
    /// Something the RAN need not hear of but people must: no reply goes out for it.
    case notice(Refusal)
    /// A device joined; its join-accept is in a `.transmit` of the same array.
    case join(AcceptedJoin)
    /// Hand a frame to the RAN.
    case transmit(Transmission)
    /// The state of an application downlink changed.
    case downlink(DownlinkItem, DownlinkOutcome)
    /// The state of a downlink to a multicast group changed.
    case multicast(MulticastItem, DownlinkOutcome)
}

/// Names an accepted uplink between `.uplink` and `.release`, unique in its shard.
public struct UplinkID: RawRepresentable, Hashable, Sendable {
    public var rawValue: UInt64

    public init(rawValue: UInt64) {
        self.rawValue = rawValue
    }
}

/// A change of a device's stored state. Octets are the network server's own versioned form.
public enum StateChange: Hashable, Sendable {
    /// Session, counters, MAC state: replaces the previous one.
    case session([UInt8])
    /// Nonces: replaces the previous one.
    case joinState([UInt8])
    /// A queued downlink, new or changed. Rows are restored in ascending `position`.
    case putDownlink(id: UInt64, position: Int64, [UInt8])
    /// A downlink left the queue.
    case deleteDownlink(id: UInt64)
}

/// What the store held of a device.
public struct RestoredDevice: Sendable {
    public var session: [UInt8]?
    public var joinState: [UInt8]?
    /// In ascending position.
    public var downlinks: [[UInt8]]

    public init(session: [UInt8]? = nil, joinState: [UInt8]? = nil, downlinks: [[UInt8]] = []) {
        self.session = session
        self.joinState = joinState
        self.downlinks = downlinks
    }
}

/// An uplink whose MIC fitted and whose counter was right.
public struct AcceptedUplink: Sendable {
    public var id: UplinkID
    public var devEUI: EUI64
    public var devAddr: DevAddr
    /// FPort; nil when the frame had none.
    public var port: UInt8?
    /// FCntUp, all 32 bits.
    public var counter: UInt32
    public var isConfirmed: Bool
    /// The same counter was accepted before: the device sent it again.
    public var isRetry: Bool
    /// Deciphered application payload; empty for port 0.
    public var payload: [UInt8]
    /// Octets of the PHYPayload with MIC, for the airtime.
    public var phyPayloadSize: Int
    /// The first copy.
    public var radio: ReceivedRadio
    /// Data rate index of the region, when the modulation is in its table.
    public var dataRate: UInt8?
    public var isOutdated: Bool
    public var isADR: Bool
    /// A number that changes with each session of the device: the base of the session key id.
    public var sessionNumber: UInt32
    /// Battery and margin, when the device told them with this uplink.
    public var status: DeviceStatus?

    public init(
        id: UplinkID,
        devEUI: EUI64,
        devAddr: DevAddr,
        port: UInt8?,
        counter: UInt32,
        isConfirmed: Bool,
        isRetry: Bool,
        payload: [UInt8],
        phyPayloadSize: Int,
        radio: ReceivedRadio,
        dataRate: UInt8?,
        isOutdated: Bool,
        isADR: Bool,
        sessionNumber: UInt32,
        status: DeviceStatus? = nil,
    ) {
        self.id = id
        self.devEUI = devEUI
        self.devAddr = devAddr
        self.port = port
        self.counter = counter
        self.isConfirmed = isConfirmed
        self.isRetry = isRetry
        self.payload = payload
        self.phyPayloadSize = phyPayloadSize
        self.radio = radio
        self.dataRate = dataRate
        self.isOutdated = isOutdated
        self.isADR = isADR
        self.sessionNumber = sessionNumber
        self.status = status
    }
}

/// A join (or rejoin) request that was answered.
public struct AcceptedJoin: Sendable {
    public var devEUI: EUI64
    public var joinEUI: EUI64
    /// The address of the session that begins with the device's first uplink.
    public var devAddr: DevAddr
    public var devNonce: UInt16
    public var phyPayloadSize: Int
    public var radio: ReceivedRadio
    public var sessionNumber: UInt32

    public init(
        devEUI: EUI64,
        joinEUI: EUI64,
        devAddr: DevAddr,
        devNonce: UInt16,
        phyPayloadSize: Int,
        radio: ReceivedRadio,
        sessionNumber: UInt32,
    ) {
        self.devEUI = devEUI
        self.joinEUI = joinEUI
        self.devAddr = devAddr
        self.devNonce = devNonce
        self.phyPayloadSize = phyPayloadSize
        self.radio = radio
        self.sessionNumber = sessionNumber
    }
}
