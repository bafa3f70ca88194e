// SPDX-License-Identifier: Apache-2.0
public import LoRaWAN

/// A virtual device: its identity, keys and habits.
public struct VirtualDeviceConfiguration: Hashable, Sendable {
    /// How the device gets its session.
    public enum Activation: Hashable, Sendable {
        /// It joins. `nwkKey` is needed by LoRaWAN 1.1 only.
        case otaa(joinEUI: EUI64, appKey: AES128Key, nwkKey: AES128Key? = nil)
        /// It was given a session.
        case abp(devAddr: DevAddr, keys: SessionKeys)
    }

    /// What printed lines and reports call it.
    public var name: String
    public var devEUI: EUI64
    public var activation: Activation
    public var version: LoRaWANVersion = .v1_0_3
    public var deviceClass: DeviceClass = .a
    /// The regional parameters it follows, such as `EU868`.
    public var region = "EU868"
    /// The data rate of its uplinks.
    public var dataRate: UInt8 = 5
    /// The channels that are on before the network says otherwise; nil for all the region has.
    public var channels: [Int]?
    /// The battery octet of its DevStatusAns: 0 external power, 1 to 254 a level, 255 unknown.
    public var battery: UInt8 = 254
    /// How seldom its ping slots come in class B, 0 (every second) to 7.
    public var pingPeriodicity: UInt8 = 0
    /// The time between uplinks; nil sends on request only.
    public var interval: Duration?
    /// When the first uplink or join request comes after the start; nil: at a random moment within the interval, one second
    /// at most.
    public var firstUplinkAfter: Duration?
    /// Draws the time between uplinks from an exponential distribution with that mean.
    public var isPoisson = false
    /// The port of periodic uplinks.
    public var port: UInt8 = 1
    public var payload: PayloadGenerator = .cayenneLPP
    /// Whether periodic uplinks are confirmed.
    public var isConfirmed = false
    /// How often a confirmed uplink without an answer is sent in all.
    public var confirmedAttempts = 8
    /// The time between join requests without an answer.
    public var joinInterval: Duration = .seconds(10)
    /// The gateways that hear it; one upstream message each.
    public var gateways = [GatewayReception()]
    /// Sets `Outdated` on all its messages.
    public var isOutdated = false
    /// Sets the ADR bit.
    public var usesADR = false
    /// Seconds from the end of an uplink to RX1 in an ABP session; a join accept brings its own.
    public var rx1Delay: UInt8 = 1
    /// The frame counter of the first uplink of an ABP session.
    public var firstFCntUp: UInt32 = 0
    /// The DevNonce of the first join request of a device that counts them (LoRaWAN 1.0.4 and later).
    public var firstDevNonce: UInt16 = 1
    /// Whether it sends before the windows of its last uplink have closed, and keeps those of the last 16 uplinks open.
    /// No real device does, but load tests do: nil means only when its interval leaves no time for the windows.
    public var overlapsWindows: Bool?
    /// Multicast sessions it listens to in class C.
    public var multicast: [MulticastSession] = []

    public init(name: String, devEUI: EUI64, activation: Activation) {
        self.name = name
        self.devEUI = devEUI
        self.activation = activation
    }
}

/// What a device needs to understand a multicast group.
public struct MulticastSession: Hashable, Sendable {
    public var address: DevAddr
    public var nwkSKey: AES128Key
    public var appSKey: AES128Key

    public init(address: DevAddr, nwkSKey: AES128Key, appSKey: AES128Key) {
        self.address = address
        self.nwkSKey = nwkSKey
        self.appSKey = appSKey
    }
}
